//! The facts of one object.

use crate::derivation::node;
use crate::dns::fact::{Fact, Origin};
use crate::id::{DnsDataId, DnsResourceId, StaticIpAddressId};
use crate::model::dns_data::DnsData;
use crate::model::dns_resource::DnsResource;
use crate::model::domain::Domain;
use crate::model::hostname::Hostname;
use crate::model::interface::Interface;
use crate::model::record_data::RecordData;
use crate::model::record_type::RecordType;
use crate::model::static_ip_address::{AllocType, StaticIpAddress};
use crate::query::dns_name::{domain_named, lease_name, nodes_at, resource_name};
use crate::query::dns_site::dns_site;
use crate::query::owned::records_of;
use crate::state::State;
use crate::state::tables::Stored as _;
use std::net::IpAddr;

/// What an object says about names; nothing if it is not there.
pub(in crate::derivation) fn facts(state: &State, origin: Origin) -> Vec<Fact> {
    match origin {
        Origin::Node(id) => node::facts(state, id),
        Origin::Resource(id) => of_resource(state, id).unwrap_or_default(),
        Origin::Address(id) => of_address(state, id).into_iter().collect(),
        Origin::Data(id) => of_data(state, id).into_iter().collect(),
        Origin::Lease(address) => of_lease(state, address).into_iter().collect(),
    }
}

/// A resource has all its addresses. One that a node has too leads back to the node alone.
fn of_resource(state: &State, id: DnsResourceId) -> Option<Vec<Fact>> {
    let resource = &state.get::<DnsResource>(&id)?.value;
    let owner = resource_name(state, resource)?;
    let domain = &state.get::<Domain>(&resource.domain)?.value;
    let ttl = resource.address_ttl.or(domain.ttl).unwrap_or_else(|| dns_site(state).default_ttl);
    let addresses = resource.addresses.iter().filter_map(|id| state.get::<StaticIpAddress>(id));
    let facts = addresses.filter_map(|row| {
        let ip = row.value.named_ip()?;
        Some(Fact::address(owner.clone(), ttl, ip, !is_of_node(state, &row.value)))
    });
    Some(facts.collect())
}

/// An address a user reserved and nobody named is called after itself, in the default domain.
fn of_address(state: &State, id: StaticIpAddressId) -> Option<Fact> {
    let address = &state.get::<StaticIpAddress>(&id)?.value;
    if address.alloc_type != AllocType::UserReserved || is_of_node(state, address) {
        return None;
    }
    if is_of_resource(state, id) {
        return None;
    }
    let ip = address.named_ip()?;
    let site = dns_site(state);
    let owner = Hostname::for_address(ip).in_domain(site.default_domain.as_ref()?).ok()?;
    Some(Fact::address(owner, site.default_ttl, ip, true))
}

/// A record stands at its resource's name; an alias does not while a node has the name.
fn of_data(state: &State, id: DnsDataId) -> Option<Fact> {
    let data = &state.get::<DnsData>(&id)?.value;
    let resource = &state.get::<DnsResource>(&data.resource)?.value;
    let owner = resource_name(state, resource)?;
    let rtype = data.rdata.record_type();
    if rtype == RecordType::Cname && !nodes_at(state, &owner).is_empty() {
        return None;
    }
    let domain = &state.get::<Domain>(&resource.domain)?.value;
    let own = if rtype == RecordType::Ns && resource.name.is_apex() {
        servers_ttl(state, data.resource)
    } else {
        data.ttl
    };
    let ttl = own.or(domain.ttl).unwrap_or_else(|| dns_site(state).default_ttl);
    Some(Fact { owner, ttl, data: data.rdata.clone(), reverse: false })
}

/// A client has the name it calls itself as long as it has the address.
fn of_lease(state: &State, address: IpAddr) -> Option<Fact> {
    let owner = lease_name(state, address)?;
    let domain = owner.parent().and_then(|domain| domain_named(state, &domain))?;
    let ttl = state.get::<Domain>(&domain)?.value.ttl;
    let ttl = ttl.unwrap_or_else(|| dns_site(state).default_ttl);
    Some(Fact::address(owner, ttl, address, true))
}

/// The time to live people gave the name servers of a domain: that of the first that has one.
fn servers_ttl(state: &State, apex: DnsResourceId) -> Option<u32> {
    let rows = records_of(state, apex).filter_map(|id| state.get::<DnsData>(&id));
    rows.filter(|row| matches!(row.value.rdata, RecordData::Ns(_))).find_map(|row| row.value.ttl)
}

fn is_of_node(state: &State, address: &StaticIpAddress) -> bool {
    let interfaces = address.interfaces.iter().filter_map(|id| state.get::<Interface>(id));
    interfaces.into_iter().any(|row| row.value.node.is_some())
}

fn is_of_resource(state: &State, id: StaticIpAddressId) -> bool {
    state.referrers::<DnsResource>(&StaticIpAddress::object(&id)).next().is_some()
}
