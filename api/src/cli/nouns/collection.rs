//! The collections of the API, and by which field people know what is in them.
//!
//! One line each, so that whoever refers to a collection says the same of it.

/// A collection of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collection {
    /// Its place below `/v1`.
    pub path: &'static str,
    /// The field people know its objects by. The API finds them by it; `id` where there is none.
    pub label: &'static str,
}

const fn labelled(path: &'static str, label: &'static str) -> Collection {
    Collection { path, label }
}

pub(in crate::cli::nouns) const API_TOKENS: Collection = labelled("api-tokens", "id");
pub(in crate::cli::nouns) const BMCS: Collection = labelled("bmcs", "id");
pub(in crate::cli::nouns) const CONFIG: Collection = labelled("config", "name");
pub(in crate::cli::nouns) const CONTROLLERS: Collection = labelled("controllers", "fqdn");
pub(in crate::cli::nouns) const DEVICES: Collection = labelled("devices", "fqdn");
pub(in crate::cli::nouns) const DHCP_SNIPPETS: Collection = labelled("dhcp-snippets", "id");
pub(in crate::cli::nouns) const DNS_RECORDS: Collection = labelled("dns-records", "id");
pub(in crate::cli::nouns) const DNS_RESOURCES: Collection = labelled("dns-resources", "fqdn");
pub(in crate::cli::nouns) const DOMAINS: Collection = labelled("domains", "name");
pub(in crate::cli::nouns) const EVENT_LOG: Collection = labelled("event-log", "id");
pub(in crate::cli::nouns) const FABRICS: Collection = labelled("fabrics", "name");
pub(in crate::cli::nouns) const INTERFACES: Collection = labelled("interfaces", "label");
pub(in crate::cli::nouns) const IP_ADDRESSES: Collection = labelled("ip-addresses", "ip");
pub(in crate::cli::nouns) const IP_RANGES: Collection = labelled("ip-ranges", "start_ip");
pub(in crate::cli::nouns) const LEASES: Collection = labelled("leases", "ip");
pub(in crate::cli::nouns) const MACHINES: Collection = labelled("machines", "fqdn");
/// Machines, devices and controllers as one: what a field that may mean any of them refers to.
pub(in crate::cli::nouns) const NODES: Collection = labelled("nodes", "fqdn");
pub(in crate::cli::nouns) const POOLS: Collection = labelled("pools", "name");
pub(in crate::cli::nouns) const RESERVED_IPS: Collection = labelled("reserved-ips", "ip");
pub(in crate::cli::nouns) const SPACES: Collection = labelled("spaces", "name");
pub(in crate::cli::nouns) const STATIC_ROUTES: Collection = labelled("static-routes", "id");
pub(in crate::cli::nouns) const SUBNETS: Collection = labelled("subnets", "cidr");
pub(in crate::cli::nouns) const TAGS: Collection = labelled("tags", "name");
pub(in crate::cli::nouns) const USERS: Collection = labelled("users", "username");
pub(in crate::cli) const VLANS: Collection = labelled("vlans", "label");
pub(in crate::cli::nouns) const ZONES: Collection = labelled("zones", "name");
