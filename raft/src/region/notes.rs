//! What nodes tell each other each second and is no entry of the log, as opaque bytes: this node's own note, and the last
//! of every other member.
//!
//! A note is a hint: it may be old, and no safety rests on it. Nothing a peer sends by itself is kept here, only what it
//! answers.

use crate::network::limits::NOTE_BYTES_MAX;
use crate::runtime::elapsed;
use crate::type_config::NodeId;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A note that is not told, since it is too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a note of {bytes} bytes; it may have {NOTE_BYTES_MAX}")]
pub struct NoteTooLarge {
    /// What it has.
    pub bytes: usize,
}

/// What another node told last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it said; empty if it had nothing to tell.
    pub bytes: Bytes,
    /// How long ago it said so.
    pub age: Duration,
}

/// The notes one node has.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    own: Mutex<Bytes>,
    others: Mutex<BTreeMap<NodeId, Heard>>,
}

#[derive(Clone, Debug)]
struct Heard {
    bytes: Bytes,
    at: Instant,
}

impl Notes {
    /// What this node tells.
    pub(crate) fn own(&self) -> Bytes {
        locked(&self.own).clone()
    }

    /// Tells this from now on.
    ///
    /// # Errors
    /// [`NoteTooLarge`]; what was told before stays.
    pub(crate) fn tell(&self, note: Bytes) -> Result<(), NoteTooLarge> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(NoteTooLarge { bytes: note.len() });
        }
        *locked(&self.own) = note;
        Ok(())
    }

    /// What the others told last.
    pub(crate) fn others(&self) -> BTreeMap<NodeId, Note> {
        let others = locked(&self.others);
        let note =
            |heard: &Heard| Note { bytes: heard.bytes.clone(), age: elapsed::since(heard.at) };
        others.iter().map(|(node, heard)| (*node, note(heard))).collect()
    }

    /// Another node has told this. One that is too large is as good as none.
    pub(crate) fn heard(&self, node: NodeId, bytes: Bytes) {
        if bytes.len() <= NOTE_BYTES_MAX {
            locked(&self.others).insert(node, Heard { bytes, at: elapsed::now() });
        }
    }

    /// Forgets what nodes outside of `members` told.
    pub(crate) fn retain(&self, members: impl Fn(NodeId) -> bool) {
        locked(&self.others).retain(|node, _| members(*node));
    }
}

/// Each change is one assignment, so a panic elsewhere cannot leave anything half written.
fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{NoteTooLarge, Notes};
    use crate::network::limits::NOTE_BYTES_MAX;
    use bytes::Bytes;

    #[test]
    fn note_that_is_too_large_is_neither_told_nor_heard_and_what_was_said_before_stays() {
        let (notes, large) = (Notes::default(), Bytes::from(vec![0; NOTE_BYTES_MAX + 1]));
        notes.tell(Bytes::from("own")).unwrap();
        notes.heard(2, Bytes::from("two"));
        assert_eq!(notes.tell(large.clone()), Err(NoteTooLarge { bytes: NOTE_BYTES_MAX + 1 }));
        notes.heard(2, large);
        assert_eq!(notes.own(), "own");
        assert_eq!(notes.others()[&2].bytes, "two");
    }

    #[test]
    fn what_nodes_that_left_told_is_forgotten() {
        let notes = Notes::default();
        notes.heard(2, Bytes::from("two"));
        notes.heard(3, Bytes::from("three"));
        notes.retain(|node| node == 3);
        assert!(notes.others().keys().eq(&[3]));
    }
}
