//! Who has a domain name: the node, the DNS resources. One definition for rules and for the records derived.

use crate::id::{DnsResourceId, DomainId, NodeId};
use crate::model::dns_data::DnsData;
use crate::model::dns_name::DomainName;
use crate::model::dns_resource::DnsResource;
use crate::model::domain::Domain;
use crate::model::hostname::Hostname;
use crate::model::node::Node;
use crate::model::record_data::RecordData;
use crate::model::relative_name::RelativeName;
use crate::query::owned::records_of;
use crate::state::State;

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
