//! Replicated client sessions: the first of the two ways a write is applied exactly once (DESIGN D5).
//!
//! A node that forwards writes numbers them within its session. The outcome of each number is kept until the node
//! says, with a later write, that it has seen it (the *floor*). Ongaro's dissertation, section 6.3.

use crate::id::SessionId;
use crate::object::{Key, TableKey};
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::revision::Revision;
use crate::state::deadline::Deadline;
use crate::state::index::{Indexed, Listing};
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

/// One write of one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SessionWrite {
    /// The session.
    pub session: SessionId,
    /// The write's number in it.
    pub sequence: u64,
}

impl Indexed<SessionId> for Session {
    fn index(&self, id: &SessionId, listing: &mut Listing<'_>) {
        listing.entry(|indexes| &mut indexes.deadlines, self.expires, Deadline::Session(*id));
    }
}

impl Indexed<SessionWrite> for KeptReply {
    fn index(&self, _: &SessionWrite, _: &mut Listing<'_>) {}
}

impl TableKey for SessionWrite {
    fn to_key(&self) -> Key {
        Key::Name(format!("{}/{}", self.session, self.sequence))
    }

    fn from_key(key: &Key) -> Option<Self> {
        let Key::Name(text) = key else { return None };
        let (session, sequence) = text.split_once('/')?;
        Some(Self { session: SessionId(session.parse().ok()?), sequence: sequence.parse().ok()? })
    }
}
