//! Questions to a state, asked by readers and by apply alike: one definition of every answer. Nothing here changes it.

pub mod around;
pub mod cut_over;
pub mod dhcp_service;
pub mod dns_name;
pub mod dns_site;
pub mod dynamic_usage;
pub mod foreign_dhcp;
pub mod free_address;
pub mod lease_block;
pub mod lease_why;
pub mod name;
pub mod named;
pub mod network;
pub mod owned;
pub mod rack_life;
pub mod rack_session;
pub mod reservation;
pub mod setting;
pub mod site_difference;
pub mod subnet_usage;
pub mod terms;
pub mod unused_address;
