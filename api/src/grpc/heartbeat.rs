//! How a rack says it is, read.

use crate::rack_board::status::{RackStatus, VLANS_MAX, VlanStatus, kept};
use regent_core::id::VlanId;
use regent_proto::rack;
use std::net::Ipv4Addr;

/// The status of a rack whose session has just begun, with a view of this revision.
#[must_use]
pub fn begun(session: u64, version: String, revision: u64) -> RackStatus {
    RackStatus {
        session,
        connected: true,
        version,
        told_revision: revision,
        applied_revision: revision,
        backlog: 0,
        silent_ms: 0,
        vlans: Vec::new(),
    }
}

/// The status after a heartbeat of a rack that was told this revision last. What is more than is kept is left out: nothing
/// rests on it.
#[must_use]
pub fn heard(
    (session, version): (u64, &str),
    told_revision: u64,
    heartbeat: rack::Heartbeat,
) -> RackStatus {
    let rack::Heartbeat { applied_revision, backlog, vlans } = heartbeat;
    let vlans = vlans.into_iter().take(VLANS_MAX).map(vlan).collect();
    let begun = begun(session, version.to_owned(), told_revision);
    RackStatus { applied_revision, backlog, vlans, ..begun }
}

fn vlan(service: rack::VlanService) -> VlanStatus {
    let rack::VlanService { vlan, server_id, live, trouble } = service;
    let trouble = (!live).then(|| kept(trouble));
    VlanStatus { vlan: VlanId(vlan), server_id: server_id.map(Ipv4Addr::from), trouble }
}
