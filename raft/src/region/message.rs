//! What region nodes ask of each other beyond Raft. Sealed by the codec, opaque to the transport.

use crate::error::MembershipError;
use crate::type_config::{NodeId, RegionNode};
use regent_core::revision::Revision;
use regent_core::state::digest::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A node asks for a place in the region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRequest {
    /// Who it is and where it is reached.
    pub node: RegionNode,
    /// Whether a member passes it on: then only the leader may answer.
    pub passed_on: bool,
}

/// The answer to that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JoinAnswer {
    /// A place.
    Place(JoinReply),
    /// None, and why, for whoever started the node.
    Refused(String),
}

/// The place it gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinReply {
    /// The region's identity.
    pub cluster_id: String,
    /// Its epoch.
    pub epoch: u64,
    /// The new node's number.
    pub node_id: NodeId,
}

/// A change of the group that a node which does not lead passes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupChange {
    /// A node goes for good.
    Remove {
        /// Which.
        node: NodeId,
        /// Even if too few healthy voters remain.
        forced: bool,
    },
    /// Learners become voters, all in one joint change.
    Promote {
        /// Which.
        learners: BTreeSet<NodeId>,
        /// Even if the group is worse off.
        forced: bool,
    },
}

/// What came of it: the last log index the leader had applied once it was made.
pub type ChangeAnswer = Result<u64, MembershipError>;

/// What a node knows of another that introduces itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acquaintance {
    /// The term the answering node is in.
    pub term: u64,
    /// Whom it voted for in it.
    pub voted_for: NodeId,
    /// The last log entry that node has acknowledged, if the answering node leads.
    pub acknowledged: Option<u64>,
}

/// How a node is, as it says itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeReport {
    /// Its number.
    pub node_id: NodeId,
    /// Version of its program.
    pub version: String,
    /// Last index it has applied.
    pub applied_index: u64,
    /// Its Raft term.
    pub term: u64,
    /// Digest of its state at that index.
    pub digest: String,
    /// Milliseconds since it started.
    pub uptime_ms: u64,
    /// Whether its disk is so full that it would take no writes.
    pub disk_full: bool,
    /// The digests it had at the last checks.
    pub checks: Vec<(Revision, Digest)>,
}
