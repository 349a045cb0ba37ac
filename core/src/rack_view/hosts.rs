//! What is kept for single clients of a VLAN: reserved addresses, and those of machines' and devices' cards.

use crate::id::{InterfaceId, NodeId, SubnetId, VlanId};
use crate::lease::binding::Client;
use crate::model::interface::Interface;
use crate::model::node::Node;
use crate::model::reserved_ip::ReservedIp;
use crate::model::static_ip_address::{AllocType, StaticIpAddress};
use crate::model::subnet::Subnet;
use crate::net::ip_number::v4;
use crate::net::mac::MacAddr;
use crate::rack_view::host::Host;
use crate::rack_view::served::{subnets_of, vlan_of};
use crate::rack_view::snippets::of_node;
use crate::state::State;
use crate::state::tables::Stored as _;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

/// Clients of a VLAN that racks are told of.
pub const VLAN_HOSTS_MAX: usize = 65_536;
/// Addresses kept for one client on a VLAN.
pub const HOST_ADDRESSES_MAX: usize = 64;

/// What is kept for each client of a VLAN. Costs a look at each of them.
#[must_use]
pub fn hosts_of(state: &State, vlan: VlanId) -> BTreeMap<Client, Host> {
    let mut cards = BTreeSet::new();
    for (subnet, _) in subnets_of(state, vlan) {
        let subnet = Subnet::object(&subnet);
        let reserved = state.referrers::<ReservedIp>(&subnet);
        let reserved = reserved.filter_map(|id| state.get::<ReservedIp>(&id));
        cards.extend(reserved.map(|row| row.value.mac_address));
        let given = state.referrers::<StaticIpAddress>(&subnet);
        let given = given.filter_map(|id| state.get::<StaticIpAddress>(&id));
        let given = given.filter(|row| address_of(&row.value).is_some());
        cards.extend(given.flat_map(|row| cards_of(state, &row.value)));
    }
    let clients = cards.into_iter().take(VLAN_HOSTS_MAX).map(Client::Card);
    clients.filter_map(|client| Some((client.clone(), host_of(state, vlan, &client)?))).collect()
}

/// What is kept for one client of a VLAN.
#[must_use]
pub fn host_of(state: &State, vlan: VlanId, client: &Client) -> Option<Host> {
    let Client::Card(card) = client else { return None };
    let mut addresses: Vec<Ipv4Addr> = Vec::new();
    for (subnet, _) in subnets_of(state, vlan) {
        let place = (*card, subnet);
        let reserved = state.indexes().reserved_ips_by_mac.under(&place);
        let reserved = reserved.filter_map(|id| state.get::<ReservedIp>(id));
        addresses.extend(reserved.filter_map(|row| v4(row.value.ip)));
    }
    let interfaces = state.indexes().interfaces_by_mac.under(card);
    for address in interfaces.flat_map(|interface| given_to(state, *interface, vlan)) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses.truncate(HOST_ADDRESSES_MAX);
    if addresses.is_empty() {
        return None;
    }
    let node = node_of(state, *card);
    let name = node.and_then(|node| state.get::<Node>(&node));
    let name = name.map(|row| row.value.hostname.as_str().to_owned());
    let settings = node.map(|node| of_node(state, node)).unwrap_or_default();
    Some(Host { addresses, name, settings })
}

/// The node that has a card.
fn node_of(state: &State, card: MacAddr) -> Option<NodeId> {
    let mut interfaces = state.indexes().interfaces_by_mac.under(&card);
    interfaces.find_map(|id| state.get::<Interface>(id)?.value.node)
}

/// The clients that an interface is, where something is kept for it.
pub(in crate::rack_view) fn clients_of_interface(
    state: &State,
    id: InterfaceId,
) -> Vec<(VlanId, Client)> {
    let Some(row) = state.get::<Interface>(&id) else { return Vec::new() };
    let Some(card) = row.value.mac_address else { return Vec::new() };
    let given = state.referrers::<StaticIpAddress>(&Interface::object(&id));
    let given = given.filter_map(|id| state.get::<StaticIpAddress>(&id));
    let given = given.filter(|row| address_of(&row.value).is_some());
    let given = given.filter_map(|row| row.value.subnet);
    let reserved = state.indexes().reserved_ips_by_mac.from(&(card, SubnetId(0)));
    let reserved = reserved.take_while(|((of, _), _)| *of == card).map(|((_, subnet), _)| *subnet);
    let vlans = given.chain(reserved).filter_map(|subnet| vlan_of(state, subnet));
    vlans.map(|vlan| (vlan, Client::Card(card))).collect()
}

/// The clients that a node is, where something is kept for it.
pub(in crate::rack_view) fn clients_of_node(
    state: &State,
    id: NodeId,
) -> impl Iterator<Item = (VlanId, Client)> + '_ {
    let interfaces = state.referrers::<Interface>(&Node::object(&id));
    interfaces.flat_map(|interface| clients_of_interface(state, interface))
}

/// The clients an address is kept for.
pub(in crate::rack_view) fn clients_of_address(
    state: &State,
    given: &StaticIpAddress,
) -> Vec<(VlanId, Client)> {
    let vlan = given.subnet.and_then(|subnet| vlan_of(state, subnet));
    let Some(vlan) = vlan.filter(|_| address_of(given).is_some()) else { return Vec::new() };
    cards_of(state, given).map(|card| (vlan, Client::Card(card))).collect()
}

/// Addresses of an interface on a VLAN.
fn given_to(
    state: &State,
    interface: InterfaceId,
    vlan: VlanId,
) -> impl Iterator<Item = Ipv4Addr> + '_ {
    let given = state.referrers::<StaticIpAddress>(&Interface::object(&interface));
    let rows = given.filter_map(|id| state.get::<StaticIpAddress>(&id)).map(|row| &row.value);
    let is_here = move |given: &&StaticIpAddress| {
        given.subnet.and_then(|subnet| vlan_of(state, subnet)) == Some(vlan)
    };
    rows.filter(is_here).filter_map(address_of)
}

fn cards_of(state: &State, given: &StaticIpAddress) -> impl Iterator<Item = MacAddr> {
    let interfaces = given.interfaces.iter().filter_map(|id| state.get::<Interface>(id));
    interfaces.filter_map(|row| row.value.mac_address)
}

/// The IPv4 address, if it is kept at all and not only was seen.
fn address_of(given: &StaticIpAddress) -> Option<Ipv4Addr> {
    given.ip.filter(|_| given.alloc_type != AllocType::Discovered).and_then(v4)
}
