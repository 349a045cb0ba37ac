//! From two states and what happened between them to what of racks' views that touches.
//!
//! Objects are looked up in both: what a rack was told came of the earlier one, what it is to be told comes of the later
//! one. Whatever came and went in between was never told.

use crate::change::Change;
use crate::id::{InterfaceId, NodeId, ReservedIpId, StaticIpAddressId, SubnetId, VlanId};
use crate::lease::binding::Client;
use crate::model::cut_over::CutOver;
use crate::model::dhcp_service::DhcpService;
use crate::model::dhcp_snippet::DhcpSnippet;
use crate::model::interface::Interface;
use crate::model::ip_range::IpRange;
use crate::model::lease_block::LeaseBlock;
use crate::model::node::Node;
use crate::model::rack_life::RackLife;
use crate::model::reserved_ip::ReservedIp;
use crate::model::setting::SettingName;
use crate::model::static_ip_address::StaticIpAddress;
use crate::model::static_route::StaticRoute;
use crate::model::subnet::Subnet;
use crate::model::vlan::Vlan;
use crate::object::{Key, Kind, TableKey};
use crate::rack_view::hosts::{clients_of_address, clients_of_interface, clients_of_node};
use crate::rack_view::served::{vlan_of, vlans_around, with_relayed};
use crate::rack_view::site::is_told;
use crate::rack_view::touched::{Extent, Touched};
use crate::revision::Revision;
use crate::state::State;
use crate::state::table::Row;
use crate::state::tables::Stored;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

/// What everything between two states touches. The later one has the change ring; should that not reach back, or the
/// cluster have been restored, it is everything.
#[must_use]
pub fn followed(before: &State, after: &State) -> Touched {
    let (from, to) = (before.meta(), after.meta());
    if from.epoch != to.epoch || from.revision < to.ring_floor {
        return Touched::all(Extent::Whole);
    }
    let mut touched = unannounced(before, after);
    let next = Revision(from.revision.0 + 1);
    for (_, row) in after.tables().changes.range(next..) {
        for change in &row.value.changes {
            touched.merge(self::touched(before, after, change));
        }
    }
    touched
}

/// What one announced change touches.
#[must_use]
pub fn touched(before: &State, after: &State, change: &Change) -> Touched {
    let (kind, key) = (change.object.kind, &change.object.key);
    let both = [before, after];
    match kind {
        Kind::Domain | Kind::GlobalDefaults => Touched::all(Extent::Configuration),
        Kind::Setting if SettingName::from_key(key).is_some_and(|name| is_told(&name)) => {
            Touched::all(Extent::Configuration)
        }
        Kind::Vlan => of_vlan(before, after, key),
        Kind::Subnet => of_subnet(before, after, key),
        Kind::IpRange => {
            let rows = rows::<IpRange>(both, key);
            configuration_of(both, rows.map(|row| row.value.subnet))
        }
        Kind::StaticRoute => {
            let rows = rows::<StaticRoute>(both, key);
            configuration_of(both, rows.map(|row| row.value.source))
        }
        Kind::ReservedIp => {
            Touched::hosts(ReservedIpId::from_key(key).into_iter().flat_map(|id| {
                both.into_iter().filter_map(move |state| reserved_client(state, id))
            }))
        }
        Kind::StaticIpAddress => Touched::hosts(
            StaticIpAddressId::from_key(key)
                .into_iter()
                .flat_map(|id| both.into_iter().flat_map(move |state| given_clients(state, id))),
        ),
        Kind::Interface => of_interface(before, after, key),
        Kind::Node => of_node(before, after, key),
        Kind::DhcpSnippet => of_snippet(both, key),
        Kind::Lease => of_lease(both, key),
        Kind::Setting
        | Kind::Session
        | Kind::SessionReply
        | Kind::IdempotencyKey
        | Kind::RevisionChanges
        | Kind::Member
        | Kind::DnsResource
        | Kind::DnsData
        | Kind::ZoneSerial
        | Kind::AvailabilityZone
        | Kind::ResourcePool
        | Kind::Tag
        | Kind::Space
        | Kind::Fabric
        | Kind::Bmc
        | Kind::OwnerData
        | Kind::User
        | Kind::ApiToken
        | Kind::Event
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
        | Kind::PoolLevel => Touched::default(),
    }
}

/// What touches views and is announced to nobody: who serves VLANs, blocks, closed addresses, lives of racks. Of these tables only what both
/// states do not share is looked through.
#[must_use]
pub fn unannounced(before: &State, after: &State) -> Touched {
    let both = [before, after];
    let services = changed::<DhcpService>(before, after, |one, other| one == other);
    let served = services.iter().flat_map(|vlan| both.map(|state| with_relayed(state, *vlan)));
    let mut touched = Touched::vlans(served.flatten(), Extent::Configuration);
    let is_same = |one: &LeaseBlock, other: &LeaseBlock| {
        (one.last, one.block.server) == (other.last, other.block.server)
    };
    for first in changed::<LeaseBlock>(before, after, is_same) {
        let vlans = both.map(|state| vlans_around_any(state, first));
        touched.merge(Touched::vlans(vlans.into_iter().flatten(), Extent::Configuration));
    }
    let is_same = |one: &CutOver, other: &CutOver| one.closed == other.closed;
    let reopened = changed::<CutOver>(before, after, is_same);
    touched.merge(configuration_of(both, reopened.into_iter()));
    let goes_on = |one: &RackLife, other: &RackLife| one.over.is_none() == other.over.is_none();
    for life in changed::<RackLife>(before, after, goes_on) {
        let rows = both.into_iter().filter_map(|state| state.get::<RackLife>(&life));
        let racks: BTreeSet<NodeId> = rows.map(|row| row.value.rack).collect();
        let named = racks.iter().flat_map(|rack| {
            after.referrers::<Vlan>(&Node::object(rack)).flat_map(|vlan| with_relayed(after, vlan))
        });
        touched.merge(Touched::vlans(named, Extent::Configuration));
    }
    touched
}

/// The keys of rows that are in one of two states, or in both and not alike.
fn changed<T: Stored>(before: &State, after: &State, alike: impl Fn(&T, &T) -> bool) -> Vec<T::Id> {
    let differing = T::table(before.tables()).differing(T::table(after.tables()));
    let is_alike = |one: Option<&T>, other: Option<&T>| {
        one.zip(other).is_some_and(|(one, other)| alike(one, other))
    };
    differing.filter(|(_, one, other)| !is_alike(*one, *other)).map(|(id, ..)| id.clone()).collect()
}

/// The rows of an object in both states.
fn rows<'a, T: Stored>(
    both: [&'a State; 2],
    key: &Key,
) -> impl Iterator<Item = &'a Arc<Row<T>>> + use<'a, T> {
    let id = T::Id::from_key(key);
    both.into_iter().filter_map(move |state| state.get::<T>(id.as_ref()?))
}

/// The configuration of the VLANs that subnets are or were on.
fn configuration_of(both: [&State; 2], subnets: impl Iterator<Item = SubnetId>) -> Touched {
    let vlans = subnets.flat_map(|subnet| both.map(|state| vlan_of(state, subnet)));
    Touched::vlans(vlans.flatten(), Extent::Configuration)
}

/// Whether a rack serves it, and so whether it is told everything of it or forgets it, is found out when it is told.
fn of_vlan(before: &State, after: &State, key: &Key) -> Touched {
    let Some(id) = VlanId::from_key(key) else { return Touched::default() };
    let stays = before.get::<Vlan>(&id).is_some() && after.get::<Vlan>(&id).is_some();
    Touched::vlans([id], if stays { Extent::Configuration } else { Extent::Whole })
}

/// A subnet that comes, goes or moves takes its leases and hosts along. Its prefix may be where routes lead.
fn of_subnet(before: &State, after: &State, key: &Key) -> Touched {
    let Some(id) = SubnetId::from_key(key) else { return Touched::default() };
    let both = [before, after];
    let rows: Vec<&Subnet> = rows::<Subnet>(both, key).map(|row| &row.value).collect();
    let is_alike = match rows.as_slice() {
        [before, after] => (before.cidr, before.vlan) == (after.cidr, after.vlan),
        _ => false,
    };
    let extent = if is_alike { Extent::Configuration } else { Extent::Whole };
    let mut touched = Touched::vlans(rows.iter().map(|row| row.vlan), extent);
    if !is_alike {
        let routes = both.into_iter().flat_map(|state| {
            let routes = state.referrers::<StaticRoute>(&Subnet::object(&id));
            routes.filter_map(|route| state.get::<StaticRoute>(&route))
        });
        touched.merge(configuration_of(both, routes.map(|row| row.value.source)));
    }
    touched
}

fn of_interface(before: &State, after: &State, key: &Key) -> Touched {
    let Some(id) = InterfaceId::from_key(key) else { return Touched::default() };
    let both = [before, after];
    let rows: Vec<&Interface> = rows::<Interface>(both, key).map(|row| &row.value).collect();
    match rows.as_slice() {
        [before, after] if (before.mac_address, before.node) == (after.mac_address, after.node) => {
            Touched::default()
        }
        _ => Touched::hosts(both.into_iter().flat_map(|state| clients_of_interface(state, id))),
    }
}

/// Machines change all the time; a rack is told of their names only.
fn of_node(before: &State, after: &State, key: &Key) -> Touched {
    let Some(id) = NodeId::from_key(key) else { return Touched::default() };
    let both = [before, after];
    let rows: Vec<&Node> = rows::<Node>(both, key).map(|row| &row.value).collect();
    match rows.as_slice() {
        [before, after] if before.hostname.as_str() != after.hostname.as_str() => {
            Touched::hosts(both.into_iter().flat_map(|state| clients_of_node(state, id)))
        }
        _ => Touched::default(),
    }
}

fn of_snippet(both: [&State; 2], key: &Key) -> Touched {
    let mut touched = Touched::default();
    for row in rows::<DhcpSnippet>(both, key) {
        let snippet = &row.value;
        touched.merge(match (snippet.node, snippet.subnet) {
            (Some(node), _) => {
                Touched::hosts(both.into_iter().flat_map(|state| clients_of_node(state, node)))
            }
            (None, Some(subnet)) => configuration_of(both, std::iter::once(subnet)),
            (None, None) => Touched::all(Extent::Configuration),
        });
    }
    touched
}

fn of_lease(both: [&State; 2], key: &Key) -> Touched {
    match key {
        Key::Address(IpAddr::V4(address)) => {
            let vlans = both.map(|state| vlans_around(state, *address));
            Touched::lease(vlans.into_iter().flatten(), *address)
        }
        Key::Address(IpAddr::V6(_)) | Key::Number(_) | Key::Name(_) => Touched::default(),
    }
}

fn vlans_around_any(state: &State, address: IpAddr) -> BTreeSet<VlanId> {
    match address {
        IpAddr::V4(address) => vlans_around(state, address),
        IpAddr::V6(_) => BTreeSet::new(),
    }
}

fn reserved_client(state: &State, id: ReservedIpId) -> Option<(VlanId, Client)> {
    let reserved = &state.get::<ReservedIp>(&id)?.value;
    Some((vlan_of(state, reserved.subnet)?, Client::Card(reserved.mac_address)))
}

fn given_clients(state: &State, id: StaticIpAddressId) -> Vec<(VlanId, Client)> {
    let given = state.get::<StaticIpAddress>(&id);
    given.map(|row| clients_of_address(state, &row.value)).unwrap_or_default()
}
