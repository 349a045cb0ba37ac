//! What must hold of services, lives and blocks of racks.

use crate::invariant::found::Found;
use crate::model::dhcp_service::DhcpService;
use crate::model::node::Node;
use crate::model::rack_life::RackLife;
use crate::model::vlan::Vlan;
use crate::state::State;
use std::collections::BTreeSet;

pub(in crate::invariant) fn check(state: &State, found: &mut Found) {
    check_services(state, found);
    let lives = state.tables().rack_lives.iter().map(|(_, row)| &row.value);
    let mut racks = BTreeSet::new();
    for RackLife { rack, .. } in lives.filter(|life| life.over.is_none()) {
        found.unless(racks.insert(rack), "lives of racks", || format!("rack {rack} has two"));
    }
    check_keys(state, found);
    let mut last = None;
    for (first, row) in state.tables().lease_blocks.iter() {
        let is_apart = last.is_none_or(|last| last < *first) && *first <= row.value.last;
        found.unless(is_apart, "lease blocks", || format!("the one at {first} shares addresses"));
        last = Some(row.value.last);
    }
}

/// A key is of a rack that is there: nobody goes on as what is gone.
fn check_keys(state: &State, found: &mut Found) {
    for (rack, row) in state.tables().rack_keys.iter() {
        let node = state.get::<Node>(rack).map(|row| &row.value);
        let is_its = node
            .is_some_and(|node| node.node_type.is_rack() && node.system_id == row.value.system_id);
        found.unless(is_its, "keys of racks", || format!("there is no such rack as {rack}"));
    }
}

/// The racks of a VLAN's service are those of the VLAN.
fn check_services(state: &State, found: &mut Found) {
    for (id, row) in state.tables().vlans.iter() {
        let service = state.get::<DhcpService>(id).map(|row| row.value.servers.as_slice());
        let is_same = service.unwrap_or_default() == row.value.dhcp_servers();
        found.unless(is_same, "DHCP services", || format!("VLAN {id} has others than it says"));
    }
    let services = state.tables().dhcp_services.iter().map(|(id, _)| id);
    let foreign = state.tables().foreign_dhcp.iter().map(|(id, _)| id);
    for id in services.chain(foreign) {
        let is_there = state.get::<Vlan>(id).is_some();
        found.unless(is_there, "DHCP services", || format!("there is no VLAN {id}"));
    }
}
