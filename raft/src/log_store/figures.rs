//! Counters of the log for metrics, and its one-way failure state. Read by anybody, written by the writer.

use crate::log_store::journal::JournalFigures;
use crate::log_store::sync_times::SyncTimes;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// What the log has done since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogFigures {
    /// Rounds of the journal.
    pub journal: JournalFigures,
    /// Syncs of the high-water mark.
    pub mark_syncs: u64,
    /// Groups of jobs that were made durable together.
    pub groups: u64,
}

impl LogFigures {
    /// How often the log has waited for the disk: rounds and marks.
    #[must_use]
    pub const fn syncs(&self) -> u64 {
        self.journal.rounds + self.mark_syncs
    }
}

/// The same, shared between threads.
#[derive(Debug, Default)]
pub struct SharedFigures {
    rounds: AtomicU64,
    last_round_bytes: AtomicU64,
    bytes_since_purge: AtomicU64,
    records: AtomicU64,
    mark_syncs: AtomicU64,
    groups: AtomicU64,
    purges: AtomicU64,
    /// What the disk takes; noted beside it, not published by the writer.
    pub(crate) sync_times: Arc<SyncTimes>,
}

impl SharedFigures {
    /// Replaces all figures. Readers may see a mixture of old and new ones.
    pub fn publish(&self, figures: &LogFigures) {
        let LogFigures { journal, mark_syncs, groups } = *figures;
        for (cell, value) in [
            (&self.rounds, journal.rounds),
            (&self.last_round_bytes, journal.last_round_bytes),
            (&self.bytes_since_purge, journal.bytes_since_purge),
            (&self.records, journal.records),
            (&self.mark_syncs, mark_syncs),
            (&self.groups, groups),
            (&self.purges, journal.purges),
        ] {
            cell.store(value, Ordering::Relaxed);
        }
    }

    /// The figures now.
    #[must_use]
    pub fn read(&self) -> LogFigures {
        let value = |cell: &AtomicU64| cell.load(Ordering::Relaxed);
        LogFigures {
            journal: JournalFigures {
                rounds: value(&self.rounds),
                last_round_bytes: value(&self.last_round_bytes),
                bytes_since_purge: value(&self.bytes_since_purge),
                records: value(&self.records),
                purges: value(&self.purges),
            },
            mark_syncs: value(&self.mark_syncs),
            groups: value(&self.groups),
        }
    }
}

/// Called once, on the writer's thread, with the error that ended the log.
pub type FatalHandler = Box<dyn Fn(&io::Error) + Send + Sync>;

/// The first error of the log. After it nothing is written and every call fails.
pub struct Failure {
    first: OnceLock<String>,
    fatal: FatalHandler,
}

impl Failure {
    /// No failure yet; `fatal` will hear of the first one.
    #[must_use]
    pub fn none(fatal: FatalHandler) -> Self {
        Self { first: OnceLock::new(), fatal }
    }

    /// Fails for ever.
    pub fn set(&self, error: &io::Error) {
        if self.first.set(error.to_string()).is_ok() {
            (self.fatal)(error);
        }
    }

    /// Whether the log still works.
    ///
    /// # Errors
    /// The first failure, again.
    pub fn check(&self) -> io::Result<()> {
        match self.first.get() {
            Some(first) => Err(io::Error::other(format!("the log has failed: {first}"))),
            None => Ok(()),
        }
    }
}

/// The handler for production: a node whose log has failed must not go on (DESIGN D2).
#[must_use]
pub fn abort_process() -> FatalHandler {
    Box::new(|error| {
        tracing::error!(%error, "log failed, process aborts");
        std::process::abort()
    })
}
