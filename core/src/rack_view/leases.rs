//! Who has which address of a VLAN.

use crate::id::VlanId;
use crate::lease::binding::Held;
use crate::model::lease::Lease as Recorded;
use crate::net::cidr::Cidr;
use crate::rack_view::lease::{Lease, Standing};
use crate::rack_view::served::subnets_of;
use crate::state::State;
use std::net::{IpAddr, Ipv4Addr};

/// Leases of a VLAN that racks are told of.
pub const VLAN_LEASES_MAX: usize = 262_144;

/// The addresses of a VLAN that somebody has or had. Costs a look at each of them.
pub fn leases_of(state: &State, vlan: VlanId) -> impl Iterator<Item = (Ipv4Addr, Lease)> {
    // Imported subnets may lie within each other.
    let mut outer: Vec<Cidr> = subnets_of(state, vlan).map(|(_, subnet)| subnet.cidr).collect();
    outer.sort_unstable();
    outer.dedup_by(|inside, around| around.contains_cidr(*inside));
    let within = outer
        .into_iter()
        .flat_map(|cidr| state.tables().leases.range(cidr.network()..=cidr.last()));
    let told = within.filter_map(|(address, row)| match address {
        IpAddr::V4(address) => Some((*address, as_told(&row.value))),
        IpAddr::V6(_) => None,
    });
    told.take(VLAN_LEASES_MAX)
}

/// What is known of an address.
#[must_use]
pub fn lease_view(state: &State, address: Ipv4Addr) -> Option<Lease> {
    state.get::<Recorded>(&address.into()).map(|row| as_told(&row.value))
}

fn as_told(lease: &Recorded) -> Lease {
    let standing = match lease.binding.held {
        _ if lease.is_past => Standing::Free,
        Held::Bound => Standing::Held,
        Held::Expired | Held::Released | Held::Ended => Standing::Resting,
        Held::Declined => Standing::Declined,
    };
    // A client whose lease an admin ended is not to be offered the address again as its own.
    let owner = lease.binding.owner.as_ref().filter(|_| lease.binding.held != Held::Ended);
    Lease { client: owner.cloned(), standing, tenure: lease.binding.tenure() }
}
