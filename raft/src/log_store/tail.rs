//! The log in memory: every entry behind the purge, readable at once, before it is durable.
//!
//! Bounded by the snapshot policy, which purges. Knows nothing of disks; the journal holds the same content.

use crate::log_store::record::{Op, Position};
use crate::log_store::standing::Standing;
use crate::type_config::Entry;
use openraft::entry::EntryPayload;
use std::collections::VecDeque;
use std::io;
use std::ops::{Bound, RangeBounds};

/// One answer to a limited read carries at most this, or one entry.
pub const READ_BYTES_MAX: usize = 1 << 20;

const ENTRY_OVERHEAD_BYTES: usize = 32;
const MEMBER_BYTES: usize = 256;

/// Entries without gap, and what stands besides.
#[derive(Debug)]
pub struct Tail {
    entries: VecDeque<Entry>,
    standing: Standing,
}

impl Tail {
    /// The tail as the journal held it.
    #[must_use]
    pub const fn new(entries: VecDeque<Entry>, standing: Standing) -> Self {
        Self { entries, standing }
    }

    /// Vote, committed, purged and last.
    #[must_use]
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Takes in an operation that carries no entry.
    pub fn note(&mut self, op: &Op) {
        self.standing.note(op);
        let last = self.standing.last().map(|last| last.index);
        let purged = self.standing.purged.map(|purged| purged.index);
        while self.entries.back().is_some_and(|entry| Some(entry.log_id.index) > last) {
            self.entries.pop_back();
        }
        while self.entries.front().is_some_and(|entry| Some(entry.log_id.index) <= purged) {
            self.entries.pop_front();
        }
    }

    /// Adds entries behind the last one.
    ///
    /// # Errors
    /// They would leave a hole; then none is added.
    pub fn append(&mut self, entries: &[Entry]) -> io::Result<()> {
        let mut next = self.standing.next_index();
        for entry in entries {
            let index = entry.log_id.index;
            if next.is_some_and(|next| next != index) {
                let message = format!("entry {index} does not follow {:?}", self.standing.last());
                return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
            }
            next = Some(index + 1);
        }
        self.entries.extend(entries.iter().cloned());
        if let Some(last) = entries.last() {
            self.standing.end = Some(Position::from(last.log_id));
        }
        Ok(())
    }

    /// All entries of a range that are there.
    #[must_use]
    pub fn read(&self, range: &impl RangeBounds<u64>) -> Vec<Entry> {
        self.within(range).cloned().collect()
    }

    /// The first entries of a range, within [`READ_BYTES_MAX`]; at least one if there is one.
    #[must_use]
    pub fn read_limited(&self, range: &impl RangeBounds<u64>) -> Vec<Entry> {
        let mut bytes = 0;
        let fits = |entry: &&Entry| {
            let first = bytes == 0;
            bytes += weight_bytes(entry);
            first || bytes <= READ_BYTES_MAX
        };
        self.within(range).take_while(fits).cloned().collect()
    }

    fn within(&self, range: &impl RangeBounds<u64>) -> impl Iterator<Item = &Entry> {
        let first = self.entries.front().map_or(0, |entry| entry.log_id.index);
        let start = match range.start_bound() {
            Bound::Included(start) => *start,
            Bound::Excluded(start) => start.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(end) => end.saturating_add(1),
            Bound::Excluded(end) => *end,
            Bound::Unbounded => u64::MAX,
        };
        let place = |index: u64| {
            let offset = usize::try_from(index.saturating_sub(first)).unwrap_or(usize::MAX);
            offset.min(self.entries.len())
        };
        let (start, end) = (place(start), place(end));
        self.entries.range(start..end.max(start))
    }
}

/// About how many bytes an entry takes on disk or wire.
#[must_use]
pub fn weight_bytes(entry: &Entry) -> usize {
    let payload = match &entry.payload {
        EntryPayload::Blank => 0,
        EntryPayload::Normal(stamped) => stamped.request.len(),
        EntryPayload::Membership(membership) => membership.nodes().count() * MEMBER_BYTES,
    };
    ENTRY_OVERHEAD_BYTES + payload
}
