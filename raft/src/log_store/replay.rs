//! Reads a journal back: from records to entries and standing, checking everything that can be checked.
//!
//! Records up to the mark were durable: whatever is wrong with them is damage. Behind the mark the end may be torn,
//! since it may never have been synced: a last record that does not read is dropped, and so is a long entry of which
//! pieces are missing. Writing is `journal`'s.

use crate::log_store::amnesia::Damage;
use crate::log_store::backend::LogBackend;
use crate::log_store::mark::Mark;
use crate::log_store::record::{Link, Op, Position, Record};
use crate::log_store::standing::Standing;
use crate::type_config::Entry;
use regent_core::codec::{self, CodecError};
use std::collections::VecDeque;
use std::io;
use std::ops::ControlFlow;

/// The sequence of the first record of every journal.
pub const FIRST_SEQUENCE: u64 = 1;

/// The highest index a record may name: no log comes near, and whatever follows it can still be counted.
const INDEX_MAX: u64 = 1 << 53;

/// A record that is still on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordSpan {
    /// Its place in the journal.
    pub sequence: u64,
    /// The highest entry index it carries anything of.
    pub index_max: Option<u64>,
}

/// All a journal holds.
#[derive(Debug)]
pub struct Replayed {
    /// Entries behind the purge, in order.
    pub entries: VecDeque<Entry>,
    /// The standing after the last good record.
    pub standing: Standing,
    /// The sequence of the last good record; 0 if there is none.
    pub sequence: u64,
    /// The chain up to it.
    pub link: Link,
    /// The records that are on the disk.
    pub spans: VecDeque<RecordSpan>,
    /// The last record with a purge, which repeats all that must outlive the records before it.
    pub base_sequence: u64,
    /// A torn last record, to be removed before anything is written.
    pub torn: Option<u64>,
}

/// Reads a whole journal.
///
/// # Errors
/// The outer one if the disk cannot be read, the inner one if what it holds contradicts itself or the mark.
pub fn replay(backend: &mut dyn LogBackend, mark: &Mark) -> io::Result<Result<Replayed, Damage>> {
    let mut replay = Replay::new(*mark);
    let mut damage = None;
    backend.scan(&mut |sequence, sealed| match replay.take(sequence, sealed) {
        Ok(()) => ControlFlow::Continue(()),
        Err(found) => {
            damage = Some(found);
            ControlFlow::Break(())
        }
    })?;
    Ok(match damage {
        Some(damage) => Err(damage),
        None => replay.finish(),
    })
}

struct Replay {
    mark: Mark,
    done: Replayed,
    /// A record that did not read; only the last one may.
    unreadable: Option<(u64, Damage)>,
    partial: Option<Partial>,
    /// The highest index of pieces whose beginning was removed with an older record.
    headless: Option<u64>,
}

/// A long entry of which not all pieces have come yet.
struct Partial {
    at: Position,
    of: u32,
    next: u32,
    bytes: Vec<u8>,
}

impl Replay {
    fn new(mark: Mark) -> Self {
        let done = Replayed {
            entries: VecDeque::new(),
            standing: Standing::default(),
            sequence: 0,
            link: Link::GENESIS,
            spans: VecDeque::new(),
            base_sequence: 0,
            torn: None,
        };
        Self { mark, done, unreadable: None, partial: None, headless: None }
    }

    fn take(&mut self, sequence: u64, sealed: &[u8]) -> Result<(), Damage> {
        if let Some((_, damage)) = self.unreadable.take() {
            return Err(damage);
        }
        self.check_sequence(sequence)?;
        let record = match Record::open(sealed) {
            Ok(record) => record,
            // A newer build wrote it: not torn.
            Err(error @ CodecError::Version { .. }) => {
                return Err(Damage::record(sequence, &error));
            }
            Err(error) => {
                self.unreadable = Some((sequence, Damage::record(sequence, &error)));
                return Ok(());
            }
        };
        self.check_chain(sequence, record.previous)?;
        self.done.sequence = sequence;
        self.done.link = record.previous.extended(sequence, sealed);
        self.done.spans.push_back(RecordSpan { sequence, index_max: record.index_max() });
        for op in record.ops {
            self.apply(sequence, op)?;
        }
        self.check_mark(sequence)
    }

    fn check_sequence(&self, sequence: u64) -> Result<(), Damage> {
        let first = self.done.spans.is_empty();
        if first && sequence > self.mark.sequence.max(FIRST_SEQUENCE) {
            return Err(Damage::BeginsBehindMark { first: sequence, marked: self.mark.sequence });
        }
        let expected = self.done.sequence + 1;
        if first || sequence == expected {
            Ok(())
        } else {
            Err(Damage::SequenceHole { expected, found: sequence })
        }
    }

    fn check_chain(&self, sequence: u64, previous: Link) -> Result<(), Damage> {
        let known = sequence == FIRST_SEQUENCE || !self.done.spans.is_empty();
        if known && previous != self.done.link {
            return Err(Damage::Chain { sequence });
        }
        Ok(())
    }

    fn check_mark(&self, sequence: u64) -> Result<(), Damage> {
        let Self { mark, done, .. } = self;
        let same = mark.link == done.link
            && mark.last == done.standing.last()
            && mark.vote == done.standing.vote;
        if sequence == mark.sequence && !same {
            return Err(Damage::DiffersFromMark { marked: mark.sequence });
        }
        Ok(())
    }

    fn apply(&mut self, sequence: u64, op: Op) -> Result<(), Damage> {
        if let Some(at) = op.position().filter(|at| at.index > INDEX_MAX) {
            return Err(Damage::Entry { sequence, at });
        }
        match &op {
            Op::Put { at, entry } => {
                self.partial = None;
                self.put(sequence, *at, entry)?;
            }
            Op::Piece { at, number, .. } if self.partial.is_none() && *number > 0 => {
                return self.headless_piece(sequence, *at);
            }
            Op::Piece { at, number, of, part } => {
                self.piece(sequence, *at, (*number, *of), part)?;
            }
            Op::TruncateAfter(after) => {
                self.partial = None;
                let kept = after.map(|after| after.index);
                self.done.entries.retain(|entry| Some(entry.log_id.index) <= kept);
            }
            Op::Purge(upto) => {
                self.partial = None;
                self.done.base_sequence = sequence;
                while self.done.entries.front().is_some_and(|e| e.log_id.index <= upto.index) {
                    self.done.entries.pop_front();
                }
            }
            // They may stand behind an unfinished entry only if the writer gave that entry up.
            Op::Vote(_) | Op::Committed(_) => self.partial = None,
        }
        self.done.standing.note(&op);
        Ok(())
    }

    fn put(&mut self, sequence: u64, at: Position, bytes: &[u8]) -> Result<(), Damage> {
        self.check_index(sequence, at.index)?;
        let wrong = || Damage::Entry { sequence, at };
        let entry: Entry = codec::from_bare(bytes).map_err(|_| wrong())?;
        if Position::from(entry.log_id) != at {
            return Err(wrong());
        }
        self.done.entries.push_back(entry);
        Ok(())
    }

    /// An entry follows the one before it. Where the records before the purge are gone, so may be entries that a
    /// later purge covers; `check_beginning` looks after those.
    fn check_index(&self, sequence: u64, found: u64) -> Result<(), Damage> {
        let Replayed { standing, spans, .. } = &self.done;
        let from_the_first = spans.front().is_some_and(|span| span.sequence == FIRST_SEQUENCE);
        let exact = from_the_first || standing.end.is_some();
        match standing.next_index() {
            Some(expected) if found < expected || (exact && found > expected) => {
                Err(Damage::IndexHole { sequence, expected, found })
            }
            Some(_) | None => Ok(()),
        }
    }

    fn piece(
        &mut self,
        sequence: u64,
        at: Position,
        (number, of): (u32, u32),
        part: &[u8],
    ) -> Result<(), Damage> {
        if number == 0 {
            self.partial = Some(Partial { at, of, next: 0, bytes: Vec::new() });
        }
        let begun = self
            .partial
            .as_mut()
            .filter(|partial| partial.at == at && partial.of == of && partial.next == number);
        let Some(partial) = begun else {
            return Err(Damage::Piece { sequence, index: at.index });
        };
        partial.bytes.extend_from_slice(part);
        partial.next += 1;
        if partial.next == of {
            let bytes = std::mem::take(&mut partial.bytes);
            self.partial = None;
            self.put(sequence, at, &bytes)?;
        }
        Ok(())
    }

    /// Only the entry with which the journal now begins may lack its first pieces.
    fn headless_piece(&mut self, sequence: u64, at: Position) -> Result<(), Damage> {
        let begins = self.done.entries.is_empty() && self.done.standing == Standing::default();
        if !begins || self.headless.is_some_and(|index| index != at.index) {
            return Err(Damage::Piece { sequence, index: at.index });
        }
        self.headless = Some(at.index);
        Ok(())
    }

    fn finish(mut self) -> Result<Replayed, Damage> {
        if let Some((sequence, damage)) = self.unreadable.take() {
            if sequence <= self.mark.sequence {
                return Err(damage);
            }
            self.done.torn = Some(sequence);
        }
        let Mark { sequence: marked, last: position, .. } = self.mark;
        if self.done.sequence < marked {
            return Err(Damage::ShorterThanMark { last: self.done.sequence, marked, position });
        }
        self.check_beginning()?;
        Ok(self.done)
    }

    /// Nothing may be missing between the purge and the first entry; without a purge, no record may be missing.
    fn check_beginning(&self) -> Result<(), Damage> {
        let Replayed { entries, standing, spans, .. } = &self.done;
        let first_sequence = spans.front().map_or(FIRST_SEQUENCE, |span| span.sequence);
        let expected = match standing.purged {
            Some(purged) => purged.index + 1,
            None if first_sequence == FIRST_SEQUENCE => return Ok(()),
            None => {
                let expected = FIRST_SEQUENCE;
                return Err(Damage::SequenceHole { expected, found: first_sequence });
            }
        };
        let headless = self.headless.filter(|index| *index >= expected);
        let found = headless.map(|index| index + 1);
        match found.or_else(|| entries.front().map(|entry| entry.log_id.index)) {
            Some(found) if found != expected => Err(Damage::BeginningMissing { expected, found }),
            Some(_) | None => Ok(()),
        }
    }
}
