//! Replicated client sessions: the first of the two ways a write is applied exactly once (DESIGN D5).
//!
//! A node that forwards writes numbers them within its session. The outcome of each number is kept until the node
//! says, with a later write, that it has seen it (the *floor*). Ongaro's dissertation, section 6.3.

use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::state::table::Revision;
use crate::time::{ClusterTime, Millis};
use serde::{Deserialize, Serialize};

/// Writes of one session whose outcomes are kept at the same time.
pub const OUTSTANDING_MAX: u64 = 256;
/// A session unused for so long is closed.
pub const IDLE_MAX: Millis = Millis::from_secs(3600);
/// Sessions open at the same time, over all nodes, tools and racks.
pub const SESSIONS_MAX: usize = 65_536;

/// A session as the state machine knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Who opened it, for people.
    pub holder: String,
    /// Every number below this is acknowledged; its outcome is gone.
    pub floor: u64,
    /// When it is closed unless used before.
    pub expires: ClusterTime,
}

/// What became of one write, kept so that a repetition gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptReply {
    /// Revision of the first application.
    pub revision: Revision,
    /// What it came to.
    pub result: Result<Outcome, Rejection>,
}
