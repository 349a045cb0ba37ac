//! Who has a domain name: the node, the DNS resources. One definition for rules and for the records derived.

use crate::id::{DnsResourceId, DomainId, NodeId};
use crate::model::dns_data::DnsData;
use crate::model::dns_name::DomainName;
use crate::model::dns_resource::DnsResource;
use crate::model::domain::Domain;
use crate::model::hostname::Hostname;
use crate::model::interface::Interface;
use crate::model::lease::Lease;
use crate::model::node::Node;
use crate::model::record_data::RecordData;
use crate::model::relative_name::RelativeName;
use crate::model::static_ip_address::{AllocType, StaticIpAddress};
use crate::query::dns_site::dns_site;
use crate::query::owned::records_of;
use crate::state::State;
use std::net::IpAddr;

/// The domain of exactly this name.
#[must_use]
pub fn domain_named(state: &State, name: &DomainName) -> Option<DomainId> {
    state.indexes().domains_by_name.first_under(name).copied()
}

/// The nodes whose host name and domain make this name; several only if they were imported so.
pub fn nodes_at(state: &State, name: &DomainName) -> Vec<NodeId> {
    let found = || {
        let label = std::str::from_utf8(name.labels().next()?).ok()?;
        let hostname = Hostname::imported(label).ok()?;
        let domain = domain_named(state, &name.parent()?)?;
        Some(state.indexes().nodes_by_name.under(&(hostname, Some(domain))).copied().collect())
    };
    found().unwrap_or_default()
}

/// The DNS resources at this name, in whichever domain they are: a name can be cut in several ways.
pub fn resources_at(state: &State, name: &DomainName) -> Vec<DnsResourceId> {
    let mut found = Vec::new();
    let mut rest = Some(name.clone());
    while let Some(domain_name) = rest {
        if let (Some(domain), Some(relative)) =
            (domain_named(state, &domain_name), RelativeName::of(name, &domain_name))
        {
            found.extend(state.indexes().dns_resources_by_name.under(&(domain, relative)));
        }
        rest = domain_name.parent();
    }
    found
}

/// The full name of a DNS resource.
#[must_use]
pub fn resource_name(state: &State, resource: &DnsResource) -> Option<DomainName> {
    let domain = state.get::<Domain>(&resource.domain)?;
    resource.name.in_domain(&domain.value.name).ok()
}

/// The full name of a node that has a domain.
#[must_use]
pub fn node_name(state: &State, node: &Node) -> Option<DomainName> {
    let domain = state.get::<Domain>(&node.domain?)?;
    node.hostname.in_domain(&domain.value.name).ok()
}

/// Leases of one name that have addresses at it, the oldest of them: whoever comes later has none until one of those ends.
pub const NAMESAKES_MAX: usize = 8;

/// The leases whose clients call themselves this, the oldest first, and one more than may have the name.
pub fn leases_called<'a>(
    state: &'a State,
    name: &'a Hostname,
) -> impl Iterator<Item = IpAddr> + use<'a> {
    let called = state.indexes().leases_by_name.under(name).map(|(_, address)| *address);
    called.take(NAMESAKES_MAX + 1)
}

/// The name a lease gives its address, in the default domain: what its client calls itself. None where that is the name of
/// a node, of a zone or of something people made, where too many came first, and where the client is a node's card: then it has
/// that node's names.
#[must_use]
pub fn lease_name(state: &State, address: IpAddr) -> Option<DomainName> {
    let lease = &state.get::<Lease>(&address)?.value;
    let label = lease.client_name()?;
    let site = dns_site(state);
    let name = label.in_domain(site.default_domain.as_ref()?).ok()?;
    let is_taken = is_of_node(state, lease)
        || has_node(state, &label)
        || domain_named(state, &name).is_some()
        || resources_at(state, &name).into_iter().any(|id| is_made_by_people(state, id));
    let is_early =
        || leases_called(state, &label).take(NAMESAKES_MAX).any(|early| early == address);
    (!is_taken && is_early()).then_some(name)
}

/// Whether the client is a card of a node.
fn is_of_node(state: &State, lease: &Lease) -> bool {
    let Some(mac_address) = lease.mac_address() else { return false };
    let cards = state.indexes().interfaces_by_mac.under(&mac_address);
    let mut cards = cards.filter_map(|id| state.get::<Interface>(id));
    cards.any(|row| row.value.node.is_some())
}

/// Whether a node is called this, in whatever domain.
fn has_node(state: &State, label: &Hostname) -> bool {
    let nodes = &state.indexes().nodes_by_name;
    let first = nodes.from(&(label.clone(), None)).next();
    first.is_some_and(|((hostname, _), _)| hostname == label)
}

/// Whether a resource is more than what a DHCP server wrote down: it has records, or an address somebody gave it.
fn is_made_by_people(state: &State, id: DnsResourceId) -> bool {
    let Some(resource) = state.get::<DnsResource>(&id) else { return false };
    let addresses = resource.value.addresses.iter();
    let mut addresses = addresses.filter_map(|id| state.get::<StaticIpAddress>(id));
    addresses.any(|row| row.value.alloc_type != AllocType::Discovered)
        || records_of(state, id).next().is_some()
}

/// The target of the CNAME that people gave a name.
#[must_use]
pub fn cname_of(state: &State, name: &DomainName) -> Option<DomainName> {
    for resource in resources_at(state, name) {
        for row in records_of(state, resource).filter_map(|id| state.get::<DnsData>(&id)) {
            if let RecordData::Cname(target) = &row.value.rdata {
                return Some(target.clone());
            }
        }
    }
    None
}
