//! What an agent and its region say to each other in a session, as plain values. How it travels is
//! `region`'s affair, what comes of it that of `duty`.

use crate::lease::rack_time::RackTime;
use regent_core::command::rack::LeaseStep;
use regent_core::id::{NodeId, VlanId};
use regent_core::lease::server::Incarnation;
use regent_core::outcome::LeaseAnswer;
use regent_core::rack_view::change::ViewChange;
use regent_core::time::ClusterTime;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// What the region says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromRegion {
    /// A session is open. What was asked in the one before will not be answered any more.
    Opened(Opened),
    /// What concerns the rack has changed.
    Told(Box<ViewChange>),
    /// The other racks of its VLANs, all of them.
    Fellows(Vec<Fellow>),
    /// An [`Ask`] was answered.
    Answered(Answered),
    /// The session is over; what was asked is of unknown fate.
    Closed,
}

/// A session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The cluster's epoch: another one than before means that the region was restored (rule R20).
    pub epoch: u64,
    /// The rack's number.
    pub rack: NodeId,
    /// Its life: another one than it had means that nothing it remembers counts any more (rule R9).
    pub life: Incarnation,
    /// Cluster time, no later than now.
    pub now: ClusterTime,
}

/// Another rack of a VLAN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fellow {
    /// The VLAN.
    pub vlan: VlanId,
    /// The rack.
    pub rack: NodeId,
    /// Its address there.
    pub server_id: Ipv4Addr,
    /// How many racks come before it there: none before the primary.
    pub place: u32,
    /// Heartbeats in a row that the region has missed from it.
    pub missed_heartbeats: u32,
}

/// Steps for the region, in order. One at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Number of this message in its session.
    pub id: u64,
    /// The steps.
    pub steps: Vec<LeaseStep>,
}

/// Which DHCP servers are there? Not one of the lease protocol's questions: whoever has wires answers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The region's number of it in the session.
    pub id: u64,
    /// The rack's address at the interface that is meant.
    pub link: Ipv4Addr,
}

/// What came of a [`Probe`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// Which.
    pub id: u64,
    /// The servers that offered something, or why nobody was asked.
    pub result: Result<BTreeSet<Ipv4Addr>, NotLooked>,
}

/// Why nobody was asked, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotLooked {
    /// This rack can never look there.
    Unable(String),
    /// This look failed; another may not.
    Failed(String),
}

/// What came of an [`Ask`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Which.
    pub id: u64,
    /// When the answer came.
    pub at: RackTime,
    /// One answer a step, and a cluster time no earlier than the steps were applied.
    pub result: Result<(ClusterTime, Vec<LeaseAnswer>), NoAnswer>,
}

/// Why no step has an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// Nothing was done and nothing will be.
    NotDone,
    /// Nobody knows whether it was or will be.
    Unknown,
}

/// How the rack is, every second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beat {
    /// Revision of the view in force.
    pub applied_revision: u64,
    /// Steps that wait to be asked.
    pub backlog: u32,
    /// How it serves each VLAN.
    pub vlans: Vec<VlanService>,
}

/// How the rack serves a VLAN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VlanService {
    /// The VLAN.
    pub vlan: VlanId,
    /// The rack's address there.
    pub server_id: Option<Ipv4Addr>,
    /// Why clients are not answered; none if they are.
    pub trouble: Option<String>,
}
