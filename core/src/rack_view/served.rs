//! Which VLANs a rack serves, and at which place.

use crate::id::{NodeId, SubnetId, VlanId};
use crate::model::node::Node;
use crate::model::subnet::Subnet;
use crate::model::vlan::Vlan;
use crate::net::ip_number::IpFamily;
use crate::query::dhcp_service::dhcp_service_of;
use crate::query::network::subnets_around;
use crate::rack_view::vlan::Share;
use crate::state::State;
use crate::state::tables::Stored as _;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// VLANs that one rack serves: those with the lowest ids.
pub const RACK_VLANS_MAX: usize = 4096;
/// Subnets of a VLAN that are served: those with the lowest ids.
pub const VLAN_SUBNETS_MAX: usize = 256;

/// What a rack is on a VLAN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Serving {
    /// The epoch of the service.
    pub epoch: u64,
    /// Its place among the racks that serve it, and with it its share of the clients and of the addresses.
    pub share: Share,
}

/// The VLANs a rack serves: those with its name on them, and those that a relay brings to them.
#[must_use]
pub fn vlans_of(state: &State, rack: NodeId) -> BTreeSet<VlanId> {
    let named = state.referrers::<Vlan>(&Node::object(&rack));
    let with_relayed = named.flat_map(|vlan| with_relayed(state, vlan));
    let all: BTreeSet<VlanId> =
        with_relayed.filter(|vlan| serving(state, rack, *vlan).is_some()).collect();
    all.into_iter().take(RACK_VLANS_MAX).collect()
}

/// A VLAN and those that a relay brings to it.
pub(in crate::rack_view) fn with_relayed(
    state: &State,
    vlan: VlanId,
) -> impl Iterator<Item = VlanId> + '_ {
    std::iter::once(vlan).chain(state.referrers::<Vlan>(&Vlan::object(&vlan)))
}

/// What the rack is on the VLAN; none if it does not serve it.
#[must_use]
pub fn serving(state: &State, rack: NodeId, vlan: VlanId) -> Option<Serving> {
    let service = dhcp_service_of(state, vlan)?;
    let place = service.servers.iter().position(|server| *server == rack)?;
    // The primary has a share, too, and answers the others besides.
    let number = |number| u32::try_from(number).unwrap_or(u32::MAX);
    let share = Share { place: number(place), places: number(service.servers.len()) };
    Some(Serving { epoch: service.epoch, share })
}

/// The IPv4 subnets of a VLAN.
pub(in crate::rack_view) fn subnets_of(
    state: &State,
    vlan: VlanId,
) -> impl Iterator<Item = (SubnetId, &Subnet)> {
    let subnets = state.referrers::<Subnet>(&Vlan::object(&vlan));
    let rows = subnets.filter_map(|id| state.get::<Subnet>(&id).map(|row| (id, &row.value)));
    rows.filter(|(_, subnet)| subnet.cidr.family() == IpFamily::V4).take(VLAN_SUBNETS_MAX)
}

/// The VLAN of a subnet.
pub(in crate::rack_view) fn vlan_of(state: &State, subnet: SubnetId) -> Option<VlanId> {
    state.get::<Subnet>(&subnet).map(|row| row.value.vlan)
}

/// The VLANs in one of whose subnets an address lies.
pub(in crate::rack_view) fn vlans_around(state: &State, address: Ipv4Addr) -> BTreeSet<VlanId> {
    let subnets = subnets_around(state, address.into());
    subnets.filter_map(|subnet| vlan_of(state, subnet)).collect()
}
