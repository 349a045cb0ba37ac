//! What a watcher gets next, made when it is ready for it: from the change ring of the published state.
//!
//! Nothing is queued for a watcher. It is a place in the ring; a slow one falls behind and, when the ring has moved
//! on past it, is told to start over. The ring is replicated and part of snapshots, so the feed goes on across an
//! installed snapshot and on any other node.

use crate::http::events::message::{Format, Place, changes};
use crate::http::events::topic::Topics;
use regent_core::revision::Revision;
use regent_core::state::State;
use serde_json::json;
use std::ops::Bound;

/// Bytes after which a piece of the feed is handed over.
pub const PIECE_BYTES_MAX: usize = 256 << 10;
/// Revisions looked at for one piece.
pub const PIECE_REVISIONS_MAX: usize = 4096;

/// A watcher: what it wants and how far it is.
pub struct Feed {
    /// How messages are written.
    pub format: Format,
    /// What is wanted.
    pub topics: Topics,
    /// Whether with the objects as they are now.
    pub with_objects: bool,
    /// What was sent.
    pub seen: Place,
}

/// The next piece of a feed.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// Messages; the watcher is further now.
    Messages(String),
    /// Nothing new up to this revision, so far.
    Nothing,
    /// What comes next is no longer kept: the last message.
    Resync(String),
}

impl Feed {
    /// What comes next.
    #[must_use]
    pub fn next(&mut self, state: &State) -> Piece {
        let meta = state.meta();
        if meta.epoch != self.seen.epoch {
            return Piece::Resync(self.resync(state, "the cluster was restored"));
        }
        if self.seen.revision < meta.ring_floor {
            return Piece::Resync(self.resync(state, "what comes next is no longer kept"));
        }
        let from = (Bound::Excluded(self.seen.revision), Bound::Unbounded);
        let mut text = String::new();
        let mut looked_at = 0;
        for (revision, row) in state.tables().changes.range(from).take(PIECE_REVISIONS_MAX) {
            looked_at += 1;
            self.seen.revision = *revision;
            let wanted =
                changes(state, *revision, &row.value.changes, &self.topics, self.with_objects);
            text.extend(wanted.map(|data| self.format.write(self.seen, "change", data)));
            if text.len() > PIECE_BYTES_MAX {
                break;
            }
        }
        if looked_at == 0 {
            self.seen.revision = self.seen.revision.max(meta.revision);
            return Piece::Nothing;
        }
        Piece::Messages(text)
    }

    /// Tells an idle watcher how far everything is.
    #[must_use]
    pub fn progress(&self) -> String {
        self.format.write(self.seen, "progress", json!({ "revision": self.seen.revision }))
    }

    fn resync(&mut self, state: &State, why: &str) -> String {
        let meta = state.meta();
        self.seen = Place { epoch: meta.epoch, revision: meta.revision };
        let oldest: Revision = meta.ring_floor;
        self.format.write(self.seen, "resync", json!({ "why": why, "oldest": oldest }))
    }
}
