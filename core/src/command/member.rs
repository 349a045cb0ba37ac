//! Commands about the region's own nodes.

use crate::id::MemberId;
use serde::{Deserialize, Serialize};

/// A change of who belongs to the region. Raft's membership follows it; it does not make it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemberCommand {
    /// Give a node an id. The same data directory asking again gets the same one.
    Admit {
        /// Its name; unique among those present.
        name: String,
        /// The identity of its data directory.
        store: String,
    },
    /// Remember that a node is gone for good.
    Remove {
        /// Which.
        id: MemberId,
    },
}
