//! The change ring: the changes of the last revisions, for watchers that come back (DESIGN D6).
//!
//! Bounded by number and by bytes. A watcher older than its floor is told so and starts from a list.

use crate::change::Change;
use crate::revision::Revision;
use crate::state::index::{Indexed, Listing};
use serde::{Deserialize, Serialize};

/// Changes kept at most.
pub const RING_CHANGES_MAX: u64 = 65_536;
/// Bytes of changes kept at most.
pub const RING_BYTES_MAX: u64 = 64 << 20;

/// All changes of one revision, in the order they were first touched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionChanges {
    /// What was touched.
    pub changes: Vec<Change>,
    /// How many bytes this takes in the ring's account.
    pub bytes: u64,
}

impl Indexed<Revision> for RevisionChanges {
    fn index(&self, _: &Revision, _: &mut Listing<'_>) {}
}
