//! A node of the region's Raft group, as the state remembers it: so that ids are never reused and a node that was
//! removed can be told so (DESIGN D20).

use serde::{Deserialize, Serialize};

/// A region node, present or removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The name its operator gave it.
    pub name: String,
    /// The identity of its data directory; another under the same id is refused.
    pub store: String,
    /// Whether it still belongs to the group.
    pub standing: Standing,
}

/// Whether a node belongs to the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// It does.
    Present,
    /// It did. Its id is never given out again.
    Removed,
}
