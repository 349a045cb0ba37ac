//! The openraft types of this group, named in one place. Nothing outside this crate sees them.

use crate::runtime::of_openraft::Runtime;
use bytes::Bytes;
use regent_core::apply::Reply;
use regent_core::time::{ClusterTime, WallTime};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a log entry carries: the request as its origin encoded it, stamped by the leader that proposed it.
///
/// The request stays opaque until it is applied, so that log and network move bytes and decode nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamped {
    /// Cluster time at the leader when it proposed this.
    pub at: ClusterTime,
    /// The leader's wall clock, for people.
    pub wall: WallTime,
    /// A sealed `regent_core::command::Request`.
    pub request: Bytes,
}

impl fmt::Display for Stamped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes at {}", self.request.len(), self.at)
    }
}

/// A region node as the membership knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionNode {
    /// The name its operator gave it.
    pub name: String,
    /// Where its peer port is reached, `host:port`.
    pub peer: String,
    /// Where its HTTP API is reached, `host:port`.
    pub api: String,
    /// The identity of its data directory; another one under the same node id is refused (DESIGN D2).
    pub store: String,
}

impl fmt::Display for RegionNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.name, self.peer)
    }
}

/// Number of a region node. Handed out from replicated state, never used twice.
pub type NodeId = u64;

openraft::declare_raft_types!(
    /// The types of the region's Raft group.
    pub TypeConfig:
        D = Stamped,
        R = Reply,
        NodeId = NodeId,
        Node = RegionNode,
        Term = u64,
        LeaderId = openraft::impls::leader_id_std::LeaderId<Self::Term, Self::NodeId>,
        AsyncRuntime = Runtime,
);

/// Id of a log entry: leader term and index.
pub type LogId = openraft::alias::LogIdOf<TypeConfig>;
/// A vote, granted or committed.
pub type Vote = openraft::alias::VoteOf<TypeConfig>;
/// A log entry.
pub type Entry = openraft::alias::EntryOf<TypeConfig>;
/// The membership as of some log entry.
pub type StoredMembership = openraft::alias::StoredMembershipOf<TypeConfig>;
/// What a snapshot says of itself: its last entry and membership.
pub type SnapshotMeta = openraft::alias::SnapshotMetaOf<TypeConfig>;
