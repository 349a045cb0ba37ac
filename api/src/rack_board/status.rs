//! How a rack is, as it says itself and as the node it is connected to sees it.

use crate::rack_board::link::Link;
use crate::rack_board::probe::{Finding, Wish};
use regent_core::id::{NodeId, VlanId};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use std::time::Duration;

/// How often a rack says how it is.
pub const HEARTBEAT: Duration = Duration::from_secs(1);
/// How long a rack may be without something it was told and still count as up to date: it says what it has once in [`HEARTBEAT`],
/// and what it was told a moment before that may be on its way.
pub const BEHIND_MS_MAX: u64 = 2_000;
/// VLANs of a rack that are kept.
pub const VLANS_MAX: usize = 1024;
/// A text for people that is kept of a rack.
pub const TEXT_BYTES_MAX: usize = 120;

/// A rack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RackStatus {
    /// Its session. Of two words about a rack, that of the higher session is the later one.
    pub session: u64,
    /// Whether the session goes on.
    pub connected: bool,
    /// The version of its software.
    pub version: String,
    /// The revision of the last change of its view that it was told.
    pub told_revision: u64,
    /// The revision of the view in force.
    pub applied_revision: u64,
    /// Milliseconds for which it has been without something it was told, when it spoke last.
    pub behind_ms: u64,
    /// Steps that wait to be asked.
    pub backlog: u32,
    /// Milliseconds since its last heartbeat.
    pub silent_ms: u64,
    /// How it serves its VLANs.
    pub vlans: Vec<VlanStatus>,
    /// Where it is connected.
    pub links: Vec<Link>,
}

/// How a rack serves a VLAN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VlanStatus {
    /// The VLAN.
    pub vlan: VlanId,
    /// The rack's address there, if it has one.
    pub server_id: Option<Ipv4Addr>,
    /// Why clients are not answered; none if they are.
    pub trouble: Option<String>,
}

impl RackStatus {
    /// That of a rack whose session has just begun, with a view of this revision.
    #[must_use]
    pub const fn begun(session: u64, version: String, revision: u64, links: Vec<Link>) -> Self {
        Self {
            session,
            connected: true,
            version,
            told_revision: revision,
            applied_revision: revision,
            behind_ms: 0,
            backlog: 0,
            silent_ms: 0,
            vlans: Vec::new(),
            links,
        }
    }

    /// Whether it had everything in force when it spoke last, but for what it was told a moment ago.
    #[must_use]
    pub const fn is_up_to_date(&self) -> bool {
        self.behind_ms <= BEHIND_MS_MAX
    }

    /// Heartbeats in a row that were missed.
    #[must_use]
    pub fn missed_heartbeats(&self) -> u32 {
        let heartbeat = u64::try_from(HEARTBEAT.as_millis()).unwrap_or(u64::MAX);
        u32::try_from(self.silent_ms / heartbeat).unwrap_or(u32::MAX)
    }
}

/// A text of a rack as it is kept: its beginning.
#[must_use]
pub fn kept(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
    text
}

/// What a node tells the others of its racks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RackNote {
    /// Racks connected to it; none from a node that takes no racks.
    pub connected: Option<u32>,
    /// How its racks are, as far as there is room.
    pub racks: Vec<(NodeId, RackStatus)>,
    /// Looks for foreign servers that it wishes of racks, wherever they are connected.
    pub wishes: Vec<Wish>,
    /// What its racks found.
    pub findings: Vec<Finding>,
}
