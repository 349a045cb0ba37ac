//! Why a write or a read through the region did not come off. What callers tell their clients is made from these.

use crate::type_config::NodeId;
use regent_core::codec::CodecError;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Why a write was not answered by the state machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ProposeError {
    /// No leader was found in time, or it has no quorum. The write was not applied and never will be.
    #[error("no leader could take the write")]
    NoLeader,
    /// Queues are full. The write was not applied and never will be.
    #[error("too many writes are in flight")]
    Overloaded {
        /// When trying again makes sense.
        retry_after: Duration,
    },
    /// The write was sent and no answer came: it may have been applied, or may still be.
    #[error("the outcome of the write is unknown")]
    OutcomeUnknown,
    /// The write is larger than a log entry may be. It was not applied.
    #[error("the write has {bytes} bytes, {bytes_max} are allowed")]
    TooLarge {
        /// As asked.
        bytes: usize,
        /// The bound.
        bytes_max: usize,
    },
    /// This node is stopping or has failed. The write was not applied and never will be.
    #[error("this node is stopping")]
    Stopping,
    /// The leader cannot read the write: it runs another version. The write was not applied and never will be.
    #[error("the leader does not understand the write")]
    NotUnderstood,
    /// The leader's disk is nearly full. The write was not applied and never will be.
    #[error("the leader's disk is nearly full")]
    DiskFull,
    /// The replicas differ and none has a majority. The write was not applied and never will be.
    #[error("the region's nodes hold different states and none has a majority")]
    Contested,
}

/// Why a read was not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// No leader confirmed in time what the read must have seen.
    #[error("no leader could confirm the read")]
    NoLeader,
    /// What this node knows is older than the reader accepts.
    #[error("this node's state is {} ms old", age.as_millis())]
    TooStale {
        /// How old it may be at most.
        age: Duration,
    },
    /// This node cannot tell how old what it knows is: no leader has told it yet how far it must be.
    #[error("this node does not know yet how old its state is")]
    AgeUnknown,
    /// This node did not reach the wanted revision in time.
    #[error("this node is at revision {revision}")]
    NotReached {
        /// Where it is.
        revision: u64,
    },
    /// This node is stopping or has failed.
    #[error("this node is stopping")]
    Stopping,
}

/// Why a node could not be started, made or joined.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory cannot be used.
    #[error(transparent)]
    Open(#[from] crate::log_store::amnesia::OpenError),
    /// The system refused something.
    #[error("{what}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The node is out of its region for good.
    #[error(transparent)]
    Excluded(crate::exclusion::Exclusion),
    /// Settings cannot work.
    #[error(transparent)]
    Config(#[from] crate::config::RaftConfigError),
    /// openraft refused to start.
    #[error("the Raft group could not be started: {0}")]
    Raft(String),
    /// The node asked for a place did not give one.
    #[error("{address} gave no place in its region: {why}")]
    Join {
        /// Who was asked.
        address: String,
        /// What it said.
        why: String,
    },
    /// A peer's answer cannot be read.
    #[error("the answer of {address} cannot be read")]
    Answer {
        /// Who answered.
        address: String,
        /// Why not.
        #[source]
        source: CodecError,
    },
}

/// Why the membership was not changed. A leader tells it to the node that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum MembershipError {
    /// Only the leader changes it, and there is none or it is not this node.
    #[error("this node does not lead")]
    NotLeader {
        /// Who does, as far as this node knows.
        leader: Option<NodeId>,
    },
    /// There is no such node.
    #[error("node {0} is not a member")]
    Unknown(NodeId),
    /// The change would leave too few healthy voters.
    #[error("{healthy} of {voters} voters answer: without node {node} the region could not commit")]
    WouldLoseQuorum {
        /// The node that was to go.
        node: NodeId,
        /// Voters that would remain and answer.
        healthy: usize,
        /// Voters that would remain.
        voters: usize,
    },
    /// The change would leave the group weaker than it is.
    #[error("the group would be weaker: {0}")]
    Unsafe(String),
    /// A change is under way, or the group refused.
    #[error("the group refused the change: {0}")]
    Refused(String),
    /// The write that records it failed.
    #[error(transparent)]
    Propose(#[from] ProposeError),
}

/// An error with all its causes on one line.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
