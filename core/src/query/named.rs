//! What is known by a name: from what people write in place of an object's number to the object.

use crate::id::SystemId;
use crate::model::dns_name::DomainName;
use crate::model::relative_name::RelativeName;
use crate::net::cidr::Cidr;
use crate::net::mac::MacAddr;
use crate::object::{Key, Kind, TableKey};
use crate::state::State;
use crate::state::index::Index;
use std::net::IpAddr;

/// The key of the object of a kind that is known by this name, if there is one. Kinds without names have none.
///
/// Settings and leases are known by their keys: whether there is such a row is not looked up.
#[must_use]
pub fn named(state: &State, kind: Kind, name: &str) -> Option<Key> {
    let indexes = state.indexes();
    let text = &name.to_owned();
    match kind {
        Kind::Domain => first(&indexes.domains_by_name, &name.parse::<DomainName>().ok()?),
        Kind::Node => first(&indexes.nodes_by_system_id, &SystemId::parse(name).ok()?),
        Kind::Interface => first(&indexes.interfaces_by_mac, &name.parse::<MacAddr>().ok()?),
        Kind::DnsResource => dns_resource(state, name),
        Kind::AvailabilityZone => first(&indexes.zones_by_name, text),
        Kind::ResourcePool => first(&indexes.pools_by_name, text),
        Kind::Tag => first(&indexes.tags_by_name, text),
        Kind::Space => first(&indexes.spaces_by_name, text),
        Kind::Fabric => first(&indexes.fabrics_by_name, text),
        Kind::Subnet => first(&indexes.subnets_by_cidr, &name.parse::<Cidr>().ok()?),
        Kind::ReservedIp => first(&indexes.reserved_ips_by_ip, &name.parse::<IpAddr>().ok()?),
        Kind::User => first(&indexes.users_by_name, text),
        Kind::Setting => Some(Key::Name(name.to_owned())),
        Kind::Lease => name.parse().ok().map(Key::Address),
        Kind::Session
        | Kind::SessionReply
        | Kind::IdempotencyKey
        | Kind::RevisionChanges
        | Kind::Member
        | Kind::DnsData
        | Kind::ZoneSerial
        | Kind::Vlan
        | Kind::IpRange
        | Kind::StaticRoute
        | Kind::StaticIpAddress
        | Kind::Bmc
        | Kind::DhcpSnippet
        | Kind::OwnerData
        | Kind::ApiToken
        | Kind::Event
        | Kind::GlobalDefaults
        | Kind::Secret
        | Kind::Import
        | Kind::ImportChunk => None,
    }
}

fn first<N: Ord + Clone, K: Ord + Clone + TableKey>(index: &Index<N, K>, name: &N) -> Option<Key> {
    index.first_under(name).map(TableKey::to_key)
}

/// A DNS resource by its full name, in the nearest domain that has it.
fn dns_resource(state: &State, name: &str) -> Option<Key> {
    let full: DomainName = name.parse().ok()?;
    let domains = std::iter::successors(Some(full.clone()), DomainName::parent);
    domains.into_iter().find_map(|domain| {
        let id = *state.indexes().domains_by_name.first_under(&domain)?;
        let place = (id, RelativeName::of(&full, &domain)?);
        first(&state.indexes().dns_resources_by_name, &place)
    })
}
