//! How a rack says it is, read.

use crate::rack_board::status::{RackStatus, VLANS_MAX, VlanStatus, kept};
use regent_core::id::VlanId;
use regent_proto::rack;
use std::net::Ipv4Addr;

/// The status of a rack whose session has just begun.
#[must_use]
pub fn begun(session: u64, version: String, applied_revision: u64) -> RackStatus {
    let (connected, backlog, silent_ms, vlans) = (true, 0, 0, Vec::new());
    RackStatus { session, connected, version, applied_revision, backlog, silent_ms, vlans }
}

/// The status after a heartbeat. What is more than is kept is left out: nothing rests on it.
#[must_use]
pub fn heard(session: u64, version: &str, heartbeat: rack::Heartbeat) -> RackStatus {
    let rack::Heartbeat { applied_revision, backlog, vlans } = heartbeat;
    let vlans = vlans.into_iter().take(VLANS_MAX).map(vlan).collect();
    RackStatus { backlog, vlans, ..begun(session, version.to_owned(), applied_revision) }
}

fn vlan(service: rack::VlanService) -> VlanStatus {
    let rack::VlanService { vlan, server_id, live, trouble } = service;
    let trouble = (!live).then(|| kept(trouble));
    VlanStatus { vlan: VlanId(vlan), server_id: server_id.map(Ipv4Addr::from), trouble }
}
