//! `LogStore`: the handle to an open log, and how a log is made and opened.
//!
//! On disk, in a node's data directory: `log/` (sled), `mark` (the high-water mark), `reserve` (room for a full
//! disk). What openraft calls on the handle is in `storage`.

use crate::log_store::amnesia::{Amnesia, OpenError, not_read};
use crate::log_store::backend::LogBackend;
use crate::log_store::figures::{Failure, FatalHandler, LogFigures, SharedFigures};
use crate::log_store::gauge::LogGauge;
use crate::log_store::journal::{Journal, ROUND_BYTES_MAX};
use crate::log_store::mark::{MarkFile, MarkKeeper, MarkMedium, StoreId};
use crate::log_store::memory::MemoryDisk;
use crate::log_store::pump::{Pump, Running};
use crate::log_store::queue::{GROUP_BYTES_MAX, Queue};
use crate::log_store::record::Position;
use crate::log_store::reserve::{Reserve, ReserveSize};
use crate::log_store::sled::{Fdatasync, SledBackend, disk_bytes};
use crate::log_store::sync_times::Timed;
use crate::log_store::tail::Tail;
use crate::log_store::writer::{Delays, Writer};
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

/// Folder of the journal in a data directory.
pub const LOG_FOLDER: &str = "log";
/// File of the high-water mark in a data directory.
pub const MARK_FILE: &str = "mark";
/// File that keeps room in a data directory.
pub const RESERVE_FILE: &str = "reserve";

/// How a log is run. The defaults are the only values that survive a power cut: `fdatasync`, a larger round and a larger
/// group exist for the control groups of the power-cut rigs.
#[derive(Clone, Copy, Debug)]
pub struct LogOptions {
    /// Whether a sync really syncs.
    pub fdatasync: Fdatasync,
    /// Payload between two syncs.
    pub round_bytes_max: usize,
    /// A group ends with the job that takes it over this.
    pub group_bytes_max: usize,
    /// How long background work may wait.
    pub delays: Delays,
    /// Room kept for a full disk.
    pub reserve: ReserveSize,
}

impl Default for LogOptions {
    fn default() -> Self {
        Self {
            fdatasync: Fdatasync::Done,
            round_bytes_max: ROUND_BYTES_MAX,
            group_bytes_max: GROUP_BYTES_MAX,
            delays: Delays::default(),
            reserve: ReserveSize::default(),
        }
    }
}

/// The durable log of a node. Clones are handles to the same log; the last one to go closes it.
#[derive(Clone)]
pub struct LogStore {
    pub(crate) shared: Arc<Shared>,
}

/// What all handles share.
pub(crate) struct Shared {
    tail: Arc<Mutex<Tail>>,
    pub(crate) queue: Arc<Queue>,
    pub(crate) failure: Arc<Failure>,
    figures: Arc<SharedFigures>,
    writer: Mutex<Option<Running>>,
}

/// Where a log lives.
struct Media {
    backend: Box<dyn LogBackend>,
    mark: Box<dyn MarkMedium>,
    reserve: Option<Reserve>,
    figures: Arc<SharedFigures>,
}

/// Bytes the log in the data directory `dir` takes on the disk.
///
/// # Errors
/// It is missing, or the disk does not say.
pub fn bytes_on_disk(dir: &Path) -> io::Result<u64> {
    disk_bytes(&dir.join(LOG_FOLDER))
}

impl LogStore {
    /// Makes an empty log in the data directory `dir`, which must exist, and opens it.
    ///
    /// # Errors
    /// [`OpenError::Occupied`] if there is one already, [`OpenError::Io`] if the disk refused.
    pub fn create(
        dir: &Path,
        store: StoreId,
        options: &LogOptions,
        fatal: FatalHandler,
    ) -> Result<Self, OpenError> {
        let (log, mark) = (dir.join(LOG_FOLDER), dir.join(MARK_FILE));
        if log.exists() || mark.exists() {
            return Err(OpenError::Occupied(dir.to_owned()));
        }
        let backend = SledBackend::create(&log, options.fdatasync)?;
        MarkKeeper::create(Box::new(MarkFile::create(&mark)?), store)?;
        File::open(dir)?.sync_all()?;
        let reserve = Reserve::open(dir.join(RESERVE_FILE), options.reserve)?;
        let media = Media::timed(backend, MarkFile::open(&mark)?, reserve);
        media.open(store, options, fatal)?.started()
    }

    /// Opens the log in the data directory `dir`.
    ///
    /// # Errors
    /// [`OpenError::Amnesia`] if anything that was acknowledged may be gone, [`OpenError::Io`] if the system
    /// refused for another reason.
    pub fn open(
        dir: &Path,
        store: StoreId,
        options: &LogOptions,
        fatal: FatalHandler,
    ) -> Result<Self, OpenError> {
        // Before sled: it writes at open, and the disk may be full.
        let reserve = Reserve::open(dir.join(RESERVE_FILE), options.reserve)?;
        let mark = MarkFile::open(&dir.join(MARK_FILE))?;
        let log = dir.join(LOG_FOLDER);
        let backend =
            SledBackend::open(&log, options.fdatasync).map_err(|error| not_opened(error, &log))?;
        let media = Media::timed(backend, mark, reserve);
        media.open(store, options, fatal)?.started()
    }

    /// Makes an empty log on a disk in memory, run by hand: the caller turns the pump.
    ///
    /// # Errors
    /// The disk is broken.
    pub fn create_in_memory(
        disk: &MemoryDisk,
        store: StoreId,
        options: &LogOptions,
        fatal: FatalHandler,
    ) -> Result<(Self, Pump), OpenError> {
        MarkKeeper::create(Box::new(disk.clone()), store)?;
        Self::open_in_memory(disk, store, options, fatal)
    }

    /// Opens a log on a disk in memory, run by hand: the caller turns the pump.
    ///
    /// # Errors
    /// As [`LogStore::open`].
    pub fn open_in_memory(
        disk: &MemoryDisk,
        store: StoreId,
        options: &LogOptions,
        fatal: FatalHandler,
    ) -> Result<(Self, Pump), OpenError> {
        let media = Media {
            backend: Box::new(disk.clone()),
            mark: Box::new(disk.clone()),
            reserve: None,
            figures: Arc::default(),
        };
        let opened = media.open(store, options, fatal)?;
        Ok((opened.store, opened.pump.paced_by(disk.clone())))
    }

    /// Has the pump run by itself until the last handle goes: on a thread of its own, in a simulation as a task.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn run(self, pump: Pump) -> Result<Self, OpenError> {
        *self.shared.writer.lock().expect("no panic while it is locked") = Some(pump.start()?);
        Ok(self)
    }

    /// What the log has done so far.
    #[must_use]
    pub fn figures(&self) -> LogFigures {
        self.shared.figures.read()
    }

    /// The same for as long as anybody wants to know, without keeping the log open.
    #[must_use]
    pub fn shared_figures(&self) -> Arc<SharedFigures> {
        Arc::clone(&self.shared.figures)
    }

    /// How heavy the log is, from now on.
    #[must_use]
    pub fn gauge(&self) -> LogGauge {
        LogGauge::new(&self.shared.tail)
    }

    pub(crate) fn tail(&self) -> MutexGuard<'_, Tail> {
        self.shared.tail.lock().expect("no panic while the tail is locked")
    }
}

fn not_opened(error: io::Error, log: &Path) -> OpenError {
    match error.kind() {
        io::ErrorKind::NotFound if !log.exists() => Amnesia::LogMissing.into(),
        _ => not_read(error),
    }
}

struct Opened {
    store: LogStore,
    pump: Pump,
}

impl Opened {
    fn started(self) -> Result<LogStore, OpenError> {
        self.store.run(self.pump)
    }
}

impl Media {
    /// Files of a data directory, whose syncs are timed.
    fn timed(backend: SledBackend, mark: MarkFile, reserve: Reserve) -> Self {
        let figures = Arc::<SharedFigures>::default();
        let times = || Arc::clone(&figures.sync_times);
        Self {
            backend: Box::new(Timed::new(backend, times())),
            mark: Box::new(Timed::new(mark, times())),
            reserve: Some(reserve),
            figures,
        }
    }

    fn open(
        self,
        store: StoreId,
        options: &LogOptions,
        fatal: FatalHandler,
    ) -> Result<Opened, OpenError> {
        let mut mark = MarkKeeper::open(self.mark)?;
        if mark.current().store != store {
            return Err(Amnesia::OtherStore.into());
        }
        let (mut journal, entries) =
            Journal::open(self.backend, &mark.current(), options.round_bytes_max)?;
        // What was read back counts as acknowledged from now on.
        let (sequence, link) = journal.tip();
        mark.advance(sequence, link, journal.standing())?;
        journal.marked(sequence);
        let index = |position: Option<Position>| position.map_or(0, |position| position.index);
        tracing::info!(
            last = index(journal.standing().last()),
            purged = index(journal.standing().purged),
            removable_records = journal.removable_records(),
            "log opened"
        );
        let tail = Tail::new(entries, *journal.standing());
        let (figures, failure) = (self.figures, Arc::new(Failure::none(fatal)));
        let writer = Writer::new(
            journal,
            mark,
            self.reserve,
            options.delays,
            Arc::clone(&figures),
            Arc::clone(&failure),
        );
        let queue = Arc::new(Queue::new(options.group_bytes_max));
        let pump = Pump::new(Arc::clone(&queue), writer, Arc::clone(&failure));
        let tail = Arc::new(Mutex::new(tail));
        let shared = Shared { tail, queue, failure, figures, writer: Mutex::new(None) };
        Ok(Opened { store: LogStore { shared: Arc::new(shared) }, pump })
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.queue.close();
        let writer = self.writer.get_mut().expect("no panic while it is locked").take();
        if let Some(writer) = writer {
            writer.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::not_opened;
    use crate::log_store::amnesia::{Amnesia, OpenError};
    use crate::log_store::mark::MarkError;
    use std::io;

    #[test]
    fn what_the_system_lacks_for_a_moment_is_no_amnesia() {
        let here = std::env::temp_dir();
        for errno in [rustix::io::Errno::MFILE, rustix::io::Errno::NOMEM, rustix::io::Errno::AGAIN]
        {
            let opened = not_opened(io::Error::from(errno), &here);
            assert!(matches!(opened, OpenError::Io(_)), "{errno}: {opened}");
            let mark = OpenError::from(MarkError::Io(io::Error::from(errno)));
            assert!(matches!(mark, OpenError::Io(_)), "{errno}: {mark}");
        }
    }

    #[test]
    fn what_the_files_say_is_amnesia() {
        let here = std::env::temp_dir();
        let corrupt = io::Error::new(io::ErrorKind::InvalidData, "a page does not read");
        let panicked = io::Error::other("sled panicked");
        for error in [corrupt, panicked, io::ErrorKind::NotFound.into()] {
            let opened = not_opened(error, &here);
            assert!(matches!(opened, OpenError::Amnesia { reason: Amnesia::Unreadable(_) }));
        }
        let gone = not_opened(io::ErrorKind::NotFound.into(), &here.join("no such folder"));
        assert!(matches!(gone, OpenError::Amnesia { reason: Amnesia::LogMissing }));
    }
}
