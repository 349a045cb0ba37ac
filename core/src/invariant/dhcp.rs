//! What must hold of services, sessions and blocks of racks.

use crate::invariant::found::Found;
use crate::model::dhcp_service::DhcpService;
use crate::model::node::Node;
use crate::model::vlan::Vlan;
use crate::state::State;

pub(in crate::invariant) fn check(state: &State, found: &mut Found) {
    check_services(state, found);
    for (rack, _) in state.tables().rack_sessions.iter() {
        let is_rack = state.get::<Node>(rack).is_some_and(|row| row.value.node_type.is_rack());
        found.unless(is_rack, "rack sessions", || format!("node {rack} is no rack"));
    }
    let blocks = state.tables().lease_blocks.iter();
    let mut last = None;
    for (first, row) in blocks {
        let is_apart = last.is_none_or(|last| last < *first) && *first <= row.value.last;
        found.unless(is_apart, "lease blocks", || format!("the one at {first} shares addresses"));
        last = Some(row.value.last);
    }
}

/// The racks of a VLAN's service are those of the VLAN.
fn check_services(state: &State, found: &mut Found) {
    for (id, row) in state.tables().vlans.iter() {
        let service = state.get::<DhcpService>(id).map(|row| row.value.servers.as_slice());
        let is_same = service.unwrap_or_default() == row.value.dhcp_servers();
        found.unless(is_same, "DHCP services", || format!("VLAN {id} has others than it says"));
    }
    for (id, _) in state.tables().dhcp_services.iter() {
        let is_there = state.get::<Vlan>(id).is_some();
        found.unless(is_there, "DHCP services", || format!("there is no VLAN {id}"));
    }
}
