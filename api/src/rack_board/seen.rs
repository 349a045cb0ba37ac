//! The VLANs that racks see, by where they are connected.

use crate::rack_board::status::RackStatus;
use regent_core::id::VlanId;
use regent_core::model::subnet::Subnet;
use regent_core::query::network::subnets_around;
use regent_core::state::State;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// The VLANs a rack sees: those in whose subnets it has an address, and those it says it has a wire in.
#[must_use]
pub fn seen_by(state: &State, status: &RackStatus) -> BTreeSet<VlanId> {
    let own = status.vlans.iter().filter(|own| own.server_id.is_some()).map(|own| own.vlan);
    let linked = status.links.iter().flat_map(|link| vlans_of(state, link.address));
    own.chain(linked).collect()
}

/// The rack's address on a VLAN; none if it has none there.
#[must_use]
pub fn link_on(state: &State, status: &RackStatus, vlan: VlanId) -> Option<Ipv4Addr> {
    let is_on = |address: &Ipv4Addr| vlans_of(state, *address).any(|on| on == vlan);
    status.links.iter().map(|link| link.address).find(is_on)
}

fn vlans_of(state: &State, address: Ipv4Addr) -> impl Iterator<Item = VlanId> + '_ {
    let subnets = subnets_around(state, address.into());
    subnets.filter_map(|id| state.get::<Subnet>(&id)).map(|row| row.value.vlan)
}
