//! The log in memory: every entry behind the purge, readable at once, before it is durable.
//!
//! Bounded by the snapshot policy, which purges by number of entries and by their bytes. Knows nothing of disks; the
//! journal holds the same content.

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
    entries: VecDeque<Held>,
    standing: Standing,
}

/// An entry, and the bytes of all entries up to it that were ever held: a difference of two is the weight of a range.
#[derive(Debug)]
struct Held {
    entry: Entry,
    bytes_through: u64,
}

impl Tail {
    /// The tail as the journal held it.
    #[must_use]
    pub fn new(entries: VecDeque<Entry>, standing: Standing) -> Self {
        let mut tail = Self { entries: VecDeque::with_capacity(entries.len()), standing };
        tail.hold(entries);
        tail
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
        while self.entries.back().is_some_and(|held| Some(held.index()) > last) {
            self.entries.pop_back();
        }
        while self.entries.front().is_some_and(|held| Some(held.index()) <= purged) {
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
        self.hold(entries.iter().cloned());
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

    /// About how many bytes the entries behind `index` take.
    #[must_use]
    pub fn bytes_behind(&self, index: u64) -> u64 {
        let through = self.entries.back().map_or(0, |held| held.bytes_through);
        through - self.bytes_through(index)
    }

    /// The lowest index behind which the entries up to `upto` take no more than `bytes_max`.
    #[must_use]
    pub fn lightest_behind(&self, upto: u64, bytes_max: u64) -> u64 {
        let surplus = self.bytes_through(upto).saturating_sub(bytes_max);
        let light = self.entries.partition_point(|held| held.bytes_through < surplus);
        let lightest = self.entries.get(light).map_or(upto, Held::index);
        if surplus <= self.bytes_before() { 0 } else { lightest.min(upto) }
    }

    /// The count of bytes at `index`, held or not.
    fn bytes_through(&self, index: u64) -> u64 {
        let behind = self.entries.partition_point(|held| held.index() <= index);
        let last = behind.checked_sub(1).and_then(|place| self.entries.get(place));
        last.map_or_else(|| self.bytes_before(), |held| held.bytes_through)
    }

    /// The count of bytes before the first entry that is held.
    fn bytes_before(&self) -> u64 {
        self.entries.front().map_or(0, |held| held.bytes_through - weight_bytes(&held.entry) as u64)
    }

    fn hold(&mut self, entries: impl IntoIterator<Item = Entry>) {
        let mut bytes_through = self.entries.back().map_or(0, |held| held.bytes_through);
        self.entries.extend(entries.into_iter().map(|entry| {
            bytes_through += weight_bytes(&entry) as u64;
            Held { entry, bytes_through }
        }));
    }

    fn within(&self, range: &impl RangeBounds<u64>) -> impl Iterator<Item = &Entry> {
        let first = self.entries.front().map_or(0, Held::index);
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
        self.entries.range(start..end.max(start)).map(|held| &held.entry)
    }
}

impl Held {
    const fn index(&self) -> u64 {
        self.entry.log_id.index
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

#[cfg(test)]
mod tests {
    use super::{ENTRY_OVERHEAD_BYTES, Tail};
    use crate::log_store::record::{Op, Position};
    use crate::log_store::standing::Standing;
    use crate::type_config::{Entry, LogId, Stamped};
    use bytes::Bytes;
    use openraft::EntryPayload;
    use regent_core::time::{ClusterTime, WallTime};
    use std::collections::VecDeque;

    /// What each entry of these tests takes.
    const WEIGHT_BYTES: u64 = 100;

    fn entry(index: u64) -> Entry {
        let request = Bytes::from(vec![0; 100 - ENTRY_OVERHEAD_BYTES]);
        let stamped = Stamped { at: ClusterTime::default(), wall: WallTime(0), request };
        Entry { log_id: LogId::new_term_index(1, index), payload: EntryPayload::Normal(stamped) }
    }

    /// Entries 1 to 10, of which the first three were purged.
    fn tail() -> Tail {
        let mut tail = Tail::new(VecDeque::new(), Standing::default());
        tail.append(&(1..=10).map(entry).collect::<Vec<_>>()).unwrap();
        tail.note(&Op::Purge(Position { term: 1, index: 3 }));
        tail
    }

    #[test]
    fn bytes_are_those_of_the_entries_that_are_held_behind_an_index() {
        let tail = tail();
        let behind = [0, 3, 4, 9, 10, 11].map(|index| tail.bytes_behind(index) / WEIGHT_BYTES);
        assert_eq!(behind, [7, 7, 6, 1, 0, 0]);
    }

    #[test]
    fn truncated_entries_weigh_nothing() {
        let mut tail = tail();
        tail.note(&Op::TruncateAfter(Some(Position { term: 1, index: 8 })));
        assert_eq!(tail.bytes_behind(0), 5 * WEIGHT_BYTES);
        tail.append(&[entry(9)]).unwrap();
        assert_eq!(tail.bytes_behind(0), 6 * WEIGHT_BYTES);
    }

    #[test]
    fn lightest_place_is_the_first_behind_which_no_more_than_the_bound_is_left() {
        let tail = tail();
        for (kept, place) in [(0, 10), (1, 9), (6, 4), (7, 0), (50, 0)] {
            assert_eq!(tail.lightest_behind(10, kept * WEIGHT_BYTES), place, "{kept} kept");
        }
        assert_eq!(tail.lightest_behind(10, WEIGHT_BYTES + 1), 9, "a part of an entry is none");
        assert_eq!(tail.lightest_behind(2, 0), 0, "what is purged weighs nothing");
    }
}
