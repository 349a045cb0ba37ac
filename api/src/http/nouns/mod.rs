//! The nouns of the API, one file each: what they are called, their fields, and the commands their writes become.

pub mod api_tokens;
pub mod availability_zones;
pub mod bmcs;
pub mod config;
pub mod controllers;
pub mod devices;
pub mod dhcp_snippets;
pub mod dns_records;
pub mod dns_resources;
pub mod domains;
pub mod edits;
pub mod event_log;
pub mod fabrics;
pub mod interfaces;
pub mod ip_addresses;
pub mod ip_ranges;
pub mod leases;
pub mod machines;
pub mod node_fields;
pub mod nodes;
pub mod rack_tokens;
pub mod reserved_ips;
pub mod resource_pools;
pub mod spaces;
pub mod static_routes;
pub mod subnets;
pub mod tags;
pub mod users;
pub mod vlans;

use crate::http::noun::Noun;

/// All nouns.
pub const ALL: &[&dyn Noun] = &[
    &machines::Machines,
    &devices::Devices,
    &controllers::Controllers,
    &nodes::Nodes,
    &interfaces::Interfaces,
    &fabrics::Fabrics,
    &vlans::Vlans,
    &spaces::Spaces,
    &subnets::Subnets,
    &ip_ranges::IpRanges,
    &static_routes::StaticRoutes,
    &reserved_ips::ReservedIps,
    &ip_addresses::IpAddresses,
    &leases::Leases,
    &domains::Domains,
    &dns_resources::DnsResources,
    &dns_records::DnsRecords,
    &availability_zones::AvailabilityZones,
    &resource_pools::ResourcePools,
    &tags::Tags,
    &bmcs::Bmcs,
    &dhcp_snippets::DhcpSnippets,
    &users::Users,
    &api_tokens::ApiTokens,
    &rack_tokens::RackTokens,
    &config::Settings,
    &event_log::EventLog,
];

/// The noun of a collection.
#[must_use]
pub fn of_path(path: &str) -> Option<&'static dyn Noun> {
    ALL.iter().copied().find(|noun| noun.path() == path)
}
