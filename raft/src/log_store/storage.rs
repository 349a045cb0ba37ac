//! What openraft asks of the log: `RaftLogStorage` and `RaftLogReader` on [`LogStore`].
//!
//! Reads come from the tail in memory. Writes go to the tail, so that they can be read at once, and to the queue in
//! the same moment; only a vote waits for its durability here, entries report it through their callback.

use crate::log_store::record::Op;
use crate::log_store::store::LogStore;
use crate::log_store::writer::Job;
use crate::type_config::{Entry, LogId, TypeConfig, Vote};
use openraft::storage::{IOFlushed, LogState, RaftLogStorage};
use openraft::{OptionalSend, RaftLogReader};
use std::fmt::Debug;
use std::io;
use std::ops::RangeBounds;
use tokio::sync::oneshot;

impl LogStore {
    /// Tells tail and queue of a job in one moment, so that both see the same order.
    async fn enqueue(&self, op: Op, job: Job) -> io::Result<()> {
        self.shared.failure.check()?;
        let room = self.shared.queue.room().await?;
        let mut tail = self.tail();
        tail.note(&op);
        self.shared.queue.push(room, job);
        Ok(())
    }
}

impl RaftLogStorage<TypeConfig> for LogStore {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<LogState<TypeConfig>, io::Error> {
        let standing = *self.tail().standing();
        Ok(LogState {
            last_purged_log_id: standing.purged.map(LogId::from),
            last_log_id: standing.last().map(LogId::from),
        })
    }

    async fn get_log_reader(&mut self) -> Self::LogReader {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote) -> Result<(), io::Error> {
        let (done, durable) = oneshot::channel();
        self.enqueue(Op::Vote((*vote).into()), Job::Vote { vote: *vote, done }).await?;
        durable.await.map_err(|_| io::Error::other("the log writer is gone"))?
    }

    async fn save_committed(&mut self, committed: Option<LogId>) -> Result<(), io::Error> {
        let op = Op::Committed(committed.map(Into::into));
        self.enqueue(op, Job::Committed(committed)).await
    }

    async fn read_committed(&mut self) -> Result<Option<LogId>, io::Error> {
        let standing = *self.tail().standing();
        let last = standing.last().map(|last| last.index);
        // It may have been saved before a snapshot that was then lost with the end of the log.
        let known = standing.committed.filter(|committed| Some(committed.index) <= last);
        Ok(known.map(LogId::from))
    }

    async fn append<I>(&mut self, entries: I, flushed: IOFlushed<TypeConfig>) -> io::Result<()>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let entries: Vec<Entry> = entries.into_iter().collect();
        self.shared.failure.check()?;
        let room = self.shared.queue.room().await?;
        let mut tail = self.tail();
        tail.append(&entries)?;
        self.shared.queue.push(room, Job::Append { entries, flushed });
        Ok(())
    }

    async fn truncate_after(&mut self, last: Option<LogId>) -> Result<(), io::Error> {
        self.enqueue(Op::TruncateAfter(last.map(Into::into)), Job::Truncate(last)).await
    }

    async fn purge(&mut self, upto: LogId) -> Result<(), io::Error> {
        self.enqueue(Op::Purge(upto.into()), Job::Purge(upto)).await
    }
}

impl RaftLogReader<TypeConfig> for LogStore {
    async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Debug + OptionalSend>(
        &mut self,
        range: RB,
    ) -> Result<Vec<Entry>, io::Error> {
        self.shared.failure.check()?;
        Ok(self.tail().read(&range))
    }

    async fn read_vote(&mut self) -> Result<Option<Vote>, io::Error> {
        Ok(self.tail().standing().vote.map(Vote::from))
    }

    async fn limited_get_log_entries(&mut self, start: u64, end: u64) -> io::Result<Vec<Entry>> {
        self.shared.failure.check()?;
        Ok(self.tail().read_limited(&(start..end)))
    }
}
