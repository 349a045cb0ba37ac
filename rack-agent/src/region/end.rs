//! Why there is no session, or none any more.

use crate::region::goodbye::Goodbye;
use regent_proto::malformed::Malformed;

/// Why there is no session, or none any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum End {
    /// No connection.
    #[error("the region node cannot be reached: {0}")]
    Unreachable(String),
    /// A connection, but no welcome in time.
    #[error("the region node does not answer")]
    NoWelcome,
    /// The stream broke off.
    #[error("the stream to the region broke off: {0}")]
    Broken(String),
    /// Nothing came for five heartbeats.
    #[error("the region node was silent for too long")]
    Silent,
    /// An `Ask` had no answer in time.
    #[error("the region node left a question unanswered")]
    Unanswered,
    /// The node takes nothing more.
    #[error("the region node takes nothing of what is sent to it")]
    Stuck,
    /// The node ended it.
    #[error(transparent)]
    Goodbye(#[from] Goodbye),
    /// The node said what makes no sense.
    #[error("the region node says what makes no sense: {0}")]
    Malformed(#[from] Malformed),
    /// It welcomed the rack to a cluster that is not the rack's.
    #[error("the region node is of cluster {0}")]
    OtherCluster(String),
    /// The agent itself ended it.
    #[error("the agent looks for another region node")]
    HungUp,
}
