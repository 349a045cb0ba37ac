//! Where each noun is listed in the secondary indexes, one file a noun.

mod api_token;
mod availability_zone;
mod bmc;
mod dhcp_snippet;
mod dns_data;
mod dns_resource;
mod domain;
mod fabric;
mod global_defaults;
mod import;
mod interface;
mod ip_range;
mod lease;
mod member;
mod node;
mod owner_data;
mod reserved_ip;
mod resource_pool;
mod space;
mod static_ip_address;
mod static_route;
mod subnet;
mod tag;
mod unlisted;
mod user;
mod vlan;
