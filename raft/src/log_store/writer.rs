//! The one writer of the log, as a step function: a batch of jobs in, one durable group out, then all callbacks.
//!
//! It owns journal and mark and keeps their order: operations durable, then (for a vote) the mark, then the callers
//! told. It has no thread and reads no clock, so that a simulation can call it; `pump` runs it in production.

use crate::log_store::figures::{Failure, LogFigures, SharedFigures};
use crate::log_store::journal::Journal;
use crate::log_store::mark::MarkKeeper;
use crate::log_store::record::{ENTRY_BYTES_MAX, Op, Position};
use crate::log_store::reserve::Reserve;
use crate::log_store::standing::Standing;
use crate::type_config::{Entry, LogId, TypeConfig, Vote};
use openraft::storage::IOFlushed;
use regent_core::codec;
use regent_core::planted::{self, Planted};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// Something to be written, in the order of the queue.
pub enum Job {
    /// A vote; the answer comes when it and its mark are durable.
    Vote {
        /// The vote.
        vote: Vote,
        /// Told when it is durable.
        done: oneshot::Sender<io::Result<()>>,
    },
    /// Entries behind the last one.
    Append {
        /// The entries.
        entries: Vec<Entry>,
        /// Told when they are durable.
        flushed: IOFlushed<TypeConfig>,
    },
    /// Entries behind this one are void; without one, all.
    Truncate(Option<LogId>),
    /// Entries up to this one are no longer needed.
    Purge(LogId),
    /// The committed position, which may be lost.
    Committed(Option<LogId>),
}

/// How long things that nobody waits for may wait.
#[derive(Clone, Copy, Debug)]
pub struct Delays {
    /// A durable group may go without its mark for this long.
    pub mark: Duration,
    /// A committed position waits this long for a group to ride on.
    pub committed: Duration,
    /// Pause between two rounds that only remove records.
    pub tidy: Duration,
}

impl Default for Delays {
    fn default() -> Self {
        Self {
            mark: Duration::from_millis(5),
            committed: Duration::from_millis(200),
            tidy: Duration::from_millis(5),
        }
    }
}

/// Journal, mark, and what waits to be written to them.
pub struct Writer {
    journal: Journal,
    mark: MarkKeeper,
    reserve: Option<Reserve>,
    delays: Delays,
    /// The standing after all jobs taken so far; the journal's own one lags until they are written.
    ahead: Standing,
    committed: Option<Waiting<Option<Position>>>,
    unmarked_since: Option<Duration>,
    tidied_at: Duration,
    figures: LogFigures,
    published: Arc<SharedFigures>,
    failure: Arc<Failure>,
}

struct Waiting<T> {
    value: T,
    since: Duration,
}

/// Jobs on their way to the disk together.
#[derive(Default)]
struct Group {
    ops: Vec<Op>,
    votes: Vec<oneshot::Sender<io::Result<()>>>,
    appends: Vec<IOFlushed<TypeConfig>>,
}

impl Writer {
    /// A writer on an open journal and its mark.
    #[must_use]
    pub fn new(
        journal: Journal,
        mark: MarkKeeper,
        reserve: Option<Reserve>,
        delays: Delays,
        published: Arc<SharedFigures>,
        failure: Arc<Failure>,
    ) -> Self {
        let ahead = *journal.standing();
        Self {
            journal,
            mark,
            reserve,
            delays,
            ahead,
            committed: None,
            unmarked_since: None,
            tidied_at: Duration::ZERO,
            figures: LogFigures::default(),
            published,
            failure,
        }
    }

    /// Makes all jobs durable as one group and tells their callers; then does what is due. `now` is the time since
    /// any fixed moment and never goes back.
    ///
    /// # Errors
    /// The disk failed, now or before. All callers of the group were told so.
    pub fn step(&mut self, now: Duration, jobs: Vec<Job>) -> io::Result<()> {
        let mut group = Group::default();
        let admitted = jobs.into_iter().map(|job| self.admit(now, job, &mut group));
        let admitted = admitted.fold(Ok(()), io::Result::and);
        let written = self
            .failure
            .check()
            .and(admitted)
            .and_then(|()| self.write(now, &mut group))
            .inspect_err(|error| self.failure.set(error));
        group.complete(&written);
        written.and_then(|()| self.chores(now)).inspect_err(|error| self.failure.set(error))
    }

    /// When [`step`](Self::step) wants to be called again even if no job comes; never after a failure.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.failure.check().ok()?;
        let mark = self.unmarked_since.map(|since| since + self.delays.mark);
        let committed = self.committed.as_ref().map(|c| c.since + self.delays.committed);
        let tidy = self.journal.removable().then_some(self.tidied_at + self.delays.tidy);
        [mark, committed, tidy].into_iter().flatten().min()
    }

    /// Writes what still waits. The last call before an orderly end.
    ///
    /// # Errors
    /// The disk failed, now or before.
    pub fn close(mut self) -> io::Result<()> {
        self.failure.check()?;
        if let Some(committed) = self.committed.take() {
            self.journal.write(vec![Op::Committed(committed.value)])?;
        }
        self.sync_mark()
    }

    fn admit(&mut self, now: Duration, job: Job, group: &mut Group) -> io::Result<()> {
        let before = group.ops.len();
        let admitted = self.translate(now, job, group);
        group.ops[before..].iter().for_each(|op| self.ahead.note(op));
        admitted
    }

    fn translate(&mut self, now: Duration, job: Job, group: &mut Group) -> io::Result<()> {
        match job {
            Job::Vote { vote, done } => {
                group.ops.push(Op::Vote(vote.into()));
                group.votes.push(done);
            }
            Job::Append { entries, flushed } => {
                group.appends.push(flushed);
                for entry in entries {
                    group.ops.push(put(&entry)?);
                }
            }
            Job::Truncate(after) => group.ops.push(Op::TruncateAfter(after.map(Position::from))),
            Job::Purge(upto) => {
                group.ops.push(Op::Purge(upto.into()));
                group.ops.extend(Journal::base_ops(&self.ahead));
            }
            Job::Committed(committed) => {
                let since = self.committed.as_ref().map_or(now, |waiting| waiting.since);
                let value = committed.map(Position::from);
                self.committed = Some(Waiting { value, since });
            }
        }
        Ok(())
    }

    fn write(&mut self, now: Duration, group: &mut Group) -> io::Result<()> {
        if group.ops.is_empty() {
            return Ok(());
        }
        if let Some(reserve) = &mut self.reserve {
            reserve.make_room()?;
        }
        if let Some(committed) = self.committed.take() {
            let op = Op::Committed(committed.value);
            self.ahead.note(&op);
            group.ops.push(op);
        }
        self.journal.write(std::mem::take(&mut group.ops))?;
        if planted::is(Planted::VoteNotSynced) && group.appends.is_empty() {
            return Ok(());
        }
        self.unmarked_since.get_or_insert(now);
        self.figures.groups += 1;
        if !group.votes.is_empty() || planted::is(Planted::MarkSyncedBeforeLog) {
            self.sync_mark()?;
        }
        self.publish();
        Ok(())
    }

    /// What nobody waits for: mark, committed, removals.
    fn chores(&mut self, now: Duration) -> io::Result<()> {
        if self.committed.as_ref().is_some_and(|c| c.since + self.delays.committed <= now)
            && let Some(committed) = self.committed.take()
        {
            let op = Op::Committed(committed.value);
            self.ahead.note(&op);
            self.journal.write(vec![op])?;
            self.unmarked_since.get_or_insert(now);
        }
        if self.unmarked_since.is_some_and(|since| since + self.delays.mark <= now) {
            self.sync_mark()?;
        }
        if self.journal.removable() && self.tidied_at + self.delays.tidy <= now {
            self.journal.tidy()?;
            self.tidied_at = now;
        }
        self.publish();
        Ok(())
    }

    fn sync_mark(&mut self) -> io::Result<()> {
        if planted::is(Planted::AcknowledgeBeforeSync) || planted::is(Planted::VoteNotSynced) {
            self.journal.sync()?;
        }
        let (sequence, link) = self.journal.tip();
        self.mark.advance(sequence, link, self.journal.standing())?;
        if planted::is(Planted::MarkSyncedBeforeLog) {
            self.journal.sync()?;
        }
        self.journal.marked(sequence);
        self.unmarked_since = None;
        self.figures.mark_syncs += 1;
        Ok(())
    }

    fn publish(&mut self) {
        self.figures.journal = self.journal.figures();
        self.published.publish(&self.figures);
    }
}

impl Group {
    /// All callbacks in one go: openraft pauses a millisecond when two of them come apart.
    fn complete(self, written: &io::Result<()>) {
        let answer = || match written {
            Ok(()) => Ok(()),
            Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
        };
        self.appends.into_iter().for_each(|flushed| flushed.io_completed(answer()));
        for done in self.votes {
            // A caller that has gone away does not need the answer.
            drop(done.send(answer()));
        }
    }
}

fn put(entry: &Entry) -> io::Result<Op> {
    let bytes = codec::to_bare(entry);
    if bytes.len() > ENTRY_BYTES_MAX {
        let message = format!("entry of {} bytes, the limit is {ENTRY_BYTES_MAX}", bytes.len());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    Ok(Op::Put { at: entry.log_id.into(), entry: bytes.into() })
}
