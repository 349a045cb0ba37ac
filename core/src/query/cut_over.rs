//! Which addresses are closed because another DHCP server may have given them, and until when.

use crate::id::{NodeId, SubnetId, VlanId};
use crate::model::cut_over::CutOver;
use crate::model::foreign_dhcp::{LOOKED_FOR_AGAIN_MILLIS, SEEN_AGAIN_MILLIS};
use crate::model::rack_life::RackLife;
use crate::model::subnet::Subnet;
use crate::model::vlan::Vlan;
use crate::net::address_range::AddressRange;
use crate::query::dhcp_service::dhcp_service_of;
use crate::query::foreign_dhcp::foreign_dhcp_seen;
use crate::query::rack_life::present_life;
use crate::query::terms::terms_of;
use crate::state::State;
use crate::state::tables::Stored as _;
use crate::time::ClusterTime;
use std::net::IpAddr;

/// How long the closed addresses of a subnet stay so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pending {
    /// Until then, unless the other server is seen again.
    Until(ClusterTime),
    /// Until some time after racks of ours have begun to serve the subnet.
    NotServed,
}

/// Whether addresses of a subnet are closed, and until when.
#[must_use]
pub fn pending(state: &State, subnet: SubnetId) -> Option<Pending> {
    let cut_over = &state.get::<CutOver>(&subnet)?.value;
    Some(opens(state, subnet, cut_over).map_or(Pending::NotServed, Pending::Until))
}

/// The same of a whole VLAN: what holds of its subnet that waits longest.
#[must_use]
pub fn pending_of_vlan(state: &State, vlan: VlanId) -> Option<Pending> {
    let subnets = state.referrers::<Subnet>(&Vlan::object(&vlan));
    subnets.filter_map(|subnet| pending(state, subnet)).max()
}

impl Pending {
    /// When that ends, if it can be said.
    #[must_use]
    pub const fn until(self) -> Option<ClusterTime> {
        match self {
            Self::Until(until) => Some(until),
            Self::NotServed => None,
        }
    }
}

/// Until when an address is closed; the end of time while nobody can say.
#[must_use]
pub fn closed_until(
    state: &State,
    subnet: Option<SubnetId>,
    address: IpAddr,
) -> Option<ClusterTime> {
    let row = subnet.and_then(|subnet| Some((subnet, &state.get::<CutOver>(&subnet)?.value)));
    let (subnet, cut_over) = row?;
    let is_closed = cut_over.closed.iter().any(|range| range.contains(address));
    let until = || opens(state, subnet, cut_over).unwrap_or(ClusterTime(u64::MAX));
    is_closed.then(until)
}

/// The ranges of a subnet that are closed.
#[must_use]
pub fn closed_ranges(state: &State, subnet: SubnetId) -> &[AddressRange] {
    state.get::<CutOver>(&subnet).map_or(&[], |row| row.value.closed.as_slice())
}

/// When closed addresses of a subnet open, as things stand; none while racks of ours do not serve it.
#[must_use]
pub fn opens(state: &State, subnet: SubnetId, cut_over: &CutOver) -> Option<ClusterTime> {
    let vlan = state.get::<Subnet>(&subnet)?.value.vlan;
    let terms = terms_of(state);
    let longest = CutOver { longest: terms.lengthened(cut_over.longest), ..cut_over.clone() };
    longest.opens(foreign_server_seen(state, vlan), terms.guard)
}

/// Whether racks of ours serve a VLAN: one that is named for it has had a session in this site. Before, an import may have
/// brought it under the name of a rack of the server that still goes on.
#[must_use]
pub fn is_served(state: &State, vlan: VlanId) -> bool {
    let service = dhcp_service_of(state, vlan);
    service.is_some_and(|service| service.servers.iter().any(|rack| has_come(state, *rack)))
}

fn has_come(state: &State, rack: NodeId) -> bool {
    let life = present_life(state, rack).and_then(|life| state.get::<RackLife>(&life));
    life.is_some_and(|row| row.value.session.is_some())
}

/// When a DHCP server that is not ours can have answered last on a VLAN, or where a relay brings its clients: it is looked
/// for once in a while only, and while it goes on, that is written down once in a while.
fn foreign_server_seen(state: &State, vlan: VlanId) -> Option<ClusterTime> {
    let relay = state.get::<Vlan>(&vlan).and_then(|row| row.value.relay_vlan);
    let seen = std::iter::once(vlan).chain(relay).filter_map(|vlan| foreign_dhcp_seen(state, vlan));
    seen.max().map(|seen| seen.after(SEEN_AGAIN_MILLIS).after(LOOKED_FOR_AGAIN_MILLIS))
}
