//! What must hold of services, lives and blocks of racks.

use crate::invariant::found::Found;
use crate::model::dhcp_service::DhcpService;
use crate::model::node::Node;
use crate::model::pool_level::PoolLevel;
use crate::model::rack_life::RackLife;
use crate::model::subnet::Subnet;
use crate::model::vlan::Vlan;
use crate::query::cut_over::{is_served, opens};
use crate::query::dynamic_usage::{DynamicUsage, of_ranges};
use crate::state::State;
use crate::state::dynamic_pools::Fill;
use std::collections::BTreeSet;

pub(in crate::invariant) fn check(state: &State, found: &mut Found) {
    check_services(state, found);
    let lives = state.tables().rack_lives.iter().map(|(_, row)| &row.value);
    let mut racks = BTreeSet::new();
    for RackLife { rack, .. } in lives.filter(|life| life.over.is_none()) {
        found.unless(racks.insert(rack), "lives of racks", || format!("rack {rack} has two"));
    }
    check_keys(state, found);
    check_cut_overs(state, found);
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

/// What is known of a server before ours is of a subnet that is there, and its time runs while racks of ours serve it.
fn check_cut_overs(state: &State, found: &mut Found) {
    for (id, row) in state.tables().cut_overs.iter() {
        let subnet = state.get::<Subnet>(id);
        let is_served = subnet.is_some_and(|subnet| is_served(state, subnet.value.vlan));
        let runs = (row.value.served_since.is_some(), row.value.looked_at.is_some());
        let holds =
            subnet.is_some() && runs == (is_served, opens(state, *id, &row.value).is_some());
        found.unless(holds, "cut-overs", || {
            format!("of subnet {id}, served: {is_served}, is {:?}", row.value)
        });
    }
}

/// What was told of how full pools are is what they are, within the marks at which it is told and taken back.
pub(in crate::invariant) fn check_levels(state: &State, found: &mut Found) {
    let pools = &state.indexes().dynamic_pools;
    for (subnet, Fill { addresses, taken }) in pools.subnets() {
        let told = state.get::<PoolLevel>(&subnet).map(|row| row.value);
        let holds = told == PoolLevel::after(told, taken, addresses);
        found.unless(holds, "levels of pools", || {
            format!("{taken} of {addresses} of subnet {subnet} are taken, told is {told:?}")
        });
        let counted = of_ranges(state, subnet);
        let counted = counted.fold(DynamicUsage::default(), |sum, (_, usage)| sum + usage);
        let is_same = (counted.addresses, counted.taken()) == (addresses, taken);
        found.unless(is_same, "dynamic pools", || format!("{taken} told, there are {counted:?}"));
    }
    for (subnet, _) in state.tables().pool_levels.iter() {
        let is_there = pools.of_subnet(*subnet).is_some();
        found.unless(is_there, "levels of pools", || format!("{subnet} has no dynamic range"));
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
