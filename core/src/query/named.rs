//! What is known by a name: from what people write in place of an object's number to the object.

use crate::id::{FabricId, NodeId, StaticIpAddressId, SystemId};
use crate::model::dns_name::DomainName;
use crate::model::hostname::Hostname;
use crate::model::ip_range::IpRangeType;
use crate::model::relative_name::RelativeName;
use crate::model::static_ip_address::{AllocType, StaticIpAddress};
use crate::net::cidr::Cidr;
use crate::net::mac::MacAddr;
use crate::object::{Key, Kind, TableKey};
use crate::query::dns_name::nodes_at;
use crate::query::network::subnet_of;
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
        Kind::Node => node(state, name),
        Kind::Interface => interface(state, name),
        Kind::DnsResource => dns_resource(state, name),
        Kind::AvailabilityZone => first(&indexes.zones_by_name, text),
        Kind::ResourcePool => first(&indexes.pools_by_name, text),
        Kind::Tag => first(&indexes.tags_by_name, text),
        Kind::Space => first(&indexes.spaces_by_name, text),
        Kind::Fabric => first(&indexes.fabrics_by_name, text),
        Kind::Subnet => first(&indexes.subnets_by_cidr, &name.parse::<Cidr>().ok()?),
        Kind::Vlan => vlan(state, name),
        Kind::IpRange => ip_range(state, name.parse().ok()?),
        Kind::StaticIpAddress => static_ip_address(state, name.parse().ok()?),
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
        | Kind::StaticRoute
        | Kind::Bmc
        | Kind::DhcpSnippet
        | Kind::OwnerData
        | Kind::ApiToken
        | Kind::Event
        | Kind::GlobalDefaults
        | Kind::Secret
        | Kind::Import
        | Kind::ImportChunk
        | Kind::DhcpService
        | Kind::LeaseBlock
        | Kind::RackLife
        | Kind::Quarantine
        | Kind::RackKey
        | Kind::RackToken
        | Kind::DeclineCount
        | Kind::ForeignDhcp
        | Kind::CutOver
        | Kind::PoolLevel => None,
    }
}

fn first<N: Ord + Clone, K: Ord + Clone + TableKey>(index: &Index<N, K>, name: &N) -> Option<Key> {
    index.first_under(name).map(TableKey::to_key)
}

/// The key of the object of a kind that this number or name stands for.
fn numbered_or_named(state: &State, kind: Kind, text: &str) -> Option<Key> {
    text.parse().ok().map(Key::Number).or_else(|| named(state, kind, text))
}

/// A node by its system id, its full name, or its host name if only one has it.
fn node(state: &State, name: &str) -> Option<Key> {
    let by_system_id = || first(&state.indexes().nodes_by_system_id, &SystemId::parse(name).ok()?);
    let by_full_name = || nodes_at(state, &name.parse().ok()?).first().map(TableKey::to_key);
    by_system_id().or_else(by_full_name).or_else(|| by_hostname(state, name))
}

fn by_hostname(state: &State, name: &str) -> Option<Key> {
    let hostname = Hostname::imported(name).ok()?;
    let place = (hostname, None);
    let listed = state.indexes().nodes_by_name.from(&place);
    let mut found = listed.take_while(|((listed, _), _)| *listed == place.0).map(|(_, id)| id);
    found.next().filter(|_| found.next().is_none()).map(TableKey::to_key)
}

/// An interface by its MAC address, or as `NODE:NAME`.
fn interface(state: &State, name: &str) -> Option<Key> {
    if let Ok(mac) = name.parse::<MacAddr>() {
        return first(&state.indexes().interfaces_by_mac, &mac);
    }
    let (node, name) = name.split_once(':')?;
    let node = NodeId::from_key(&numbered_or_named(state, Kind::Node, node)?)?;
    first(&state.indexes().interfaces_by_name, &(node, name.into()))
}

/// A VLAN as `FABRIC:VID`.
fn vlan(state: &State, name: &str) -> Option<Key> {
    let (fabric, vid) = name.rsplit_once(':')?;
    let fabric = FabricId::from_key(&numbered_or_named(state, Kind::Fabric, fabric)?)?;
    first(&state.indexes().vlans_by_vid, &(fabric, vid.parse().ok()?))
}

/// A range by its first address.
fn ip_range(state: &State, start: IpAddr) -> Option<Key> {
    let reserved = || {
        let place = (subnet_of(state, start)?.0, IpRangeType::Reserved, start);
        first(&state.indexes().ranges_by_start, &place)
    };
    first(&state.indexes().dynamic_ranges_by_start, &start).or_else(reserved)
}

/// An address in use by itself; the one that somebody gave before one that was only seen.
fn static_ip_address(state: &State, ip: IpAddr) -> Option<Key> {
    let discovered = |id: &StaticIpAddressId| {
        let row = state.get::<StaticIpAddress>(id);
        row.is_some_and(|row| row.value.alloc_type == AllocType::Discovered)
    };
    let holders = state.indexes().addresses_by_ip.under(&ip).copied();
    holders.min_by_key(|id| (discovered(id), *id)).as_ref().map(TableKey::to_key)
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
