//! The journal: operations in, durable records out, in rounds that the disk can bear.
//!
//! A *round* is what goes to the disk between two syncs. sled loses data if a round fills more than one segment, so
//! each carries at most [`ROUND_BYTES_MAX`] of payload; a larger group of operations takes several. Records that a
//! purge made useless are removed a few at a time beside later rounds, for the same reason. When operations are
//! grouped and who is told about it is decided in `writer`.

use crate::log_store::amnesia::{OpenError, not_read};
use crate::log_store::backend::{LogBackend, StoredRecord};
use crate::log_store::mark::Mark;
use crate::log_store::record::{Link, Op, Position, RECORD_BYTES_MAX, Record, pack};
use crate::log_store::replay::{RecordSpan, replay};
use crate::log_store::standing::Standing;
use crate::type_config::Entry;
use regent_core::planted::{self, Planted};
use std::collections::VecDeque;
use std::io;

/// Payload between two syncs: an eighth of a sled segment. A removed record counts as a full one.
pub const ROUND_BYTES_MAX: usize = 256 << 10;

/// While records wait to be removed, new ones get this much of a round in eight parts; the rest is for removals.
const PAYLOAD_EIGHTHS_WHILE_REMOVING: usize = 3;

/// What was written so far, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JournalFigures {
    /// Rounds written and synced since the journal was opened.
    pub rounds: u64,
    /// Bytes of records in the last round.
    pub last_round_bytes: u64,
    /// Bytes of records since the last purge.
    pub bytes_since_purge: u64,
    /// Records that are on the disk.
    pub records: u64,
    /// Purges since the journal was opened.
    pub purges: u64,
}

/// A journal open for writing.
pub struct Journal {
    backend: Box<dyn LogBackend>,
    round_bytes_max: usize,
    sequence: u64,
    link: Link,
    standing: Standing,
    spans: VecDeque<RecordSpan>,
    base_sequence: u64,
    marked_sequence: u64,
    figures: JournalFigures,
}

impl Journal {
    /// Reads the journal on `backend`, checks it against `mark`, and makes all of it durable.
    ///
    /// # Errors
    /// [`OpenError::Amnesia`] if anything that was durable at the mark is gone or changed, [`OpenError::Io`] if it could
    /// not be read just now.
    pub fn open(
        mut backend: Box<dyn LogBackend>,
        mark: &Mark,
        round_bytes_max: usize,
    ) -> Result<(Self, VecDeque<Entry>), OpenError> {
        let replayed = replay(&mut *backend, mark).map_err(not_read)??;
        if let Some(torn) = replayed.torn {
            backend.remove(torn..=torn)?;
        }
        backend.sync()?;
        let figures =
            JournalFigures { records: replayed.spans.len() as u64, ..JournalFigures::default() };
        let journal = Self {
            backend,
            round_bytes_max,
            sequence: replayed.sequence,
            link: replayed.link,
            standing: replayed.standing,
            spans: replayed.spans,
            base_sequence: replayed.base_sequence,
            marked_sequence: mark.sequence,
            figures,
        };
        Ok((journal, replayed.entries))
    }

    /// What holds after everything written so far.
    #[must_use]
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The last durable record and the chain up to it.
    #[must_use]
    pub const fn tip(&self) -> (u64, Link) {
        (self.sequence, self.link)
    }

    /// How much was written.
    #[must_use]
    pub const fn figures(&self) -> JournalFigures {
        self.figures
    }

    /// Makes operations durable, in order. A purge must come with [`base_ops`](Self::base_ops) behind it.
    ///
    /// # Errors
    /// The disk refused or broke; the journal is not to be used again.
    pub fn write(&mut self, ops: Vec<Op>) -> io::Result<()> {
        let mut round = Vec::new();
        let mut round_bytes = 0;
        for ops in pack(ops) {
            let record = self.seal(ops);
            let limit = self.payload_bytes_max();
            if !round.is_empty() && round_bytes + record.bytes.len() > limit {
                self.commit(&std::mem::take(&mut round))?;
                round_bytes = 0;
            }
            round_bytes += record.bytes.len();
            round.push(record);
        }
        if round.is_empty() { Ok(()) } else { self.commit(&round) }
    }

    /// What a purge must repeat, so that all records before it can go.
    #[must_use]
    pub fn base_ops(standing: &Standing) -> Vec<Op> {
        let vote = standing.vote.map(Op::Vote);
        vote.into_iter().chain([Op::Committed(standing.committed)]).collect()
    }

    /// The mark up to `sequence` is durable: what lies before it may be removed when it is useless.
    pub fn marked(&mut self, sequence: u64) {
        self.marked_sequence = sequence;
    }

    /// How many useless records wait to be removed. Looks at them all.
    #[must_use]
    pub fn removable_records(&self) -> usize {
        self.spans.iter().take_while(|span| self.is_useless(span)).count()
    }

    /// Whether useless records wait to be removed.
    #[must_use]
    pub fn removable(&self) -> bool {
        self.spans.front().is_some_and(|span| self.is_useless(span))
    }

    /// Only for planted bugs: makes durable what rounds left to be synced later.
    ///
    /// # Errors
    /// The disk broke; the journal is not to be used again.
    pub fn sync(&mut self) -> io::Result<()> {
        self.backend.sync()
    }

    /// Removes some of the useless records, in a round of their own.
    ///
    /// # Errors
    /// The disk refused or broke; the journal is not to be used again.
    pub fn tidy(&mut self) -> io::Result<()> {
        if self.removable() { self.commit(&[]) } else { Ok(()) }
    }

    fn seal(&mut self, ops: Vec<Op>) -> StoredRecord {
        let record = Record { previous: self.link, ops };
        self.sequence += 1;
        let stored = record.stored(self.sequence);
        self.link = self.link.extended(self.sequence, &stored.bytes);
        for op in &record.ops {
            self.standing.note(op);
            if matches!(op, Op::Purge(_)) {
                self.base_sequence = self.sequence;
                self.figures.bytes_since_purge = 0;
                self.figures.purges += 1;
            }
        }
        let index_max = record.index_max();
        self.spans.push_back(RecordSpan { sequence: self.sequence, index_max });
        stored
    }

    fn payload_bytes_max(&self) -> usize {
        if self.removable() {
            self.round_bytes_max / 8 * PAYLOAD_EIGHTHS_WHILE_REMOVING
        } else {
            self.round_bytes_max
        }
    }

    /// One round: append, remove, sync.
    fn commit(&mut self, records: &[StoredRecord]) -> io::Result<()> {
        let bytes: usize = records.iter().map(|record| record.bytes.len()).sum();
        self.backend.append(records)?;
        let room = self.round_bytes_max.saturating_sub(bytes) / RECORD_BYTES_MAX;
        self.remove_useless(room)?;
        if !self.leaves_sync_out(records.len()) {
            self.backend.sync()?;
        }
        self.figures.rounds += 1;
        self.figures.last_round_bytes = bytes as u64;
        self.figures.bytes_since_purge += bytes as u64;
        self.figures.records = self.spans.len() as u64;
        Ok(())
    }

    /// Whether a planted bug leaves out the sync of a round of so many records.
    fn leaves_sync_out(&self, records: usize) -> bool {
        let mut round = self.spans.iter().rev().take(records);
        planted::is(Planted::AcknowledgeBeforeSync)
            || planted::is(Planted::MarkSyncedBeforeLog)
            || (planted::is(Planted::VoteNotSynced) && round.all(|span| span.index_max.is_none()))
    }

    fn remove_useless(&mut self, count_max: usize) -> io::Result<()> {
        let count =
            self.spans.iter().take(count_max).take_while(|span| self.is_useless(span)).count();
        let mut removed = self.spans.drain(..count);
        let (first, last) = (removed.next(), removed.next_back());
        drop(removed);
        match first {
            Some(first) => self.backend.remove(first.sequence..=last.unwrap_or(first).sequence),
            None => Ok(()),
        }
    }

    /// A record can go when a later and marked one repeats what must be kept, and its entries are purged.
    ///
    /// Only behind the mark: a replay must reach the marked record with the standing it had.
    fn is_useless(&self, span: &RecordSpan) -> bool {
        let purged = self.standing.purged.map(|purged: Position| purged.index);
        span.sequence < self.base_sequence
            && self.base_sequence <= self.marked_sequence
            && span.index_max <= purged
    }
}

#[cfg(test)]
mod tests {
    use super::{Journal, ROUND_BYTES_MAX};
    use crate::log_store::amnesia::{Amnesia, OpenError};
    use crate::log_store::backend::{LogBackend, RecordVisitor, StoredRecord};
    use crate::log_store::mark::{Mark, StoreId};
    use crate::log_store::record::Link;
    use std::io;
    use std::ops::RangeInclusive;

    /// A disk whose records cannot be read back.
    struct UnreadableDisk(io::ErrorKind);

    impl LogBackend for UnreadableDisk {
        fn append(&mut self, _records: &[StoredRecord]) -> io::Result<()> {
            Ok(())
        }

        fn remove(&mut self, _sequences: RangeInclusive<u64>) -> io::Result<()> {
            Ok(())
        }

        fn sync(&mut self) -> io::Result<()> {
            Ok(())
        }

        fn scan(&mut self, _visit: &mut RecordVisitor<'_>) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    fn opened(failure: io::ErrorKind) -> Result<(), OpenError> {
        let (store, link) = (StoreId(1), Link::GENESIS);
        let mark = Mark { store, generation: 0, sequence: 0, link, last: None, vote: None };
        Journal::open(Box::new(UnreadableDisk(failure)), &mark, ROUND_BYTES_MAX).map(drop)
    }

    #[test]
    fn disk_that_fails_to_read_the_log_back_is_no_amnesia() {
        let failing = io::Error::from(rustix::io::Errno::IO).kind();
        for failure in [failing, io::ErrorKind::OutOfMemory, io::ErrorKind::PermissionDenied] {
            let refused = opened(failure);
            assert!(matches!(refused, Err(OpenError::Io(_))), "{failure}: {refused:?}");
        }
        let torn = opened(io::ErrorKind::InvalidData);
        assert!(matches!(torn, Err(OpenError::Amnesia { reason: Amnesia::Unreadable(_) })));
    }
}
