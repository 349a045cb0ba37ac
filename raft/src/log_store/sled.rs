//! The journal's records in sled 0.34.7. The only file of the workspace that names sled.
//!
//! sled's own `flush` ends in `sync_file_range`, which commits neither file size nor block mapping nor the device's
//! cache; so each [`sync`](LogBackend::sync) also calls `fdatasync` on a handle of our own on sled's `db` file.
//! sled panics on much damage; every call into it is caught and becomes an error. Keeping records and rounds small
//! enough for sled (`record::RECORD_BYTES_MAX`, `journal::ROUND_BYTES_MAX`) is the caller's duty.

use crate::log_store::backend::{LogBackend, RecordVisitor, StoredRecord};
use crate::runtime::elapsed;
use std::any::Any;
use std::fs::{self, File, TryLockError};
use std::io;
use std::ops::{ControlFlow, RangeInclusive};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

/// Size of sled's segments. Part of the disk format: it can never be changed for an existing store.
///
/// A leaf page above a quarter of it would go to a file that sled never syncs, and one sync may span
/// at most one change of segment: the journal's limits follow from it.
pub const SEGMENT_BYTES: usize = 2 << 20;

const CACHE_BYTES: u64 = 64 << 20;
const JOURNAL_TREE: &str = "journal";
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
const PROBE_KEY: &[u8] = b"probe";

/// Bytes the store in folder `path` takes on the disk.
///
/// # Errors
/// It is missing, or the disk does not say.
pub fn disk_bytes(path: &Path) -> io::Result<u64> {
    Ok(fs::metadata(path.join("db"))?.len())
}

/// Whether a sync really syncs. Anything but [`Fdatasync::Done`] loses data at a power cut and exists only as the
/// control group of the power-cut rig.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fdatasync {
    /// As it must be.
    #[default]
    Done,
    /// sled's `flush` alone.
    Skipped,
}

/// A sled database used as a journal.
pub struct SledBackend {
    database: sled::Db,
    journal: sled::Tree,
    file: File,
    fdatasync: Fdatasync,
}

impl SledBackend {
    /// Makes an empty store in the folder `path`, which must not exist, and syncs all of it.
    ///
    /// # Errors
    /// The folder exists, or the disk refused.
    pub fn create(path: &Path, fdatasync: Fdatasync) -> io::Result<Self> {
        fs::create_dir(path)?;
        let store = Self::start(path, settings(path).create_new(true), fdatasync)?;
        for part in ["conf", "db"] {
            File::open(path.join(part))?.sync_all()?;
        }
        for folder in [path.join("blobs"), path.to_owned(), parent(path)?.to_owned()] {
            File::open(folder)?.sync_all()?;
        }
        Ok(store)
    }

    /// Opens the store in the folder `path` and proves that it can be written.
    ///
    /// # Errors
    /// There is no store, it is damaged, another process has it, or the disk refused.
    pub fn open(path: &Path, fdatasync: Fdatasync) -> io::Result<Self> {
        // Without these, sled would quietly make a new and empty store.
        File::open(path.join("db"))?;
        File::open(path.join("conf"))?;
        wait_for_lock(path)?;
        remove_torn_snapshots(path)?;
        Self::start(path, settings(path), fdatasync)
    }

    fn start(path: &Path, settings: sled::Config, fdatasync: Fdatasync) -> io::Result<Self> {
        let (database, journal) = caught(|| {
            let database = settings.open()?;
            let journal = database.open_tree(JOURNAL_TREE)?;
            Ok((database, journal))
        })?;
        let file = File::open(path.join("db"))?;
        let mut store = Self { database, journal, file, fdatasync };
        store.probe()?;
        Ok(store)
    }

    /// A damaged store can open and read well and panic at its first write: let it happen here.
    fn probe(&mut self) -> io::Result<()> {
        caught(|| self.database.insert(PROBE_KEY, PROBE_KEY))?;
        self.sync()
    }
}

impl LogBackend for SledBackend {
    fn append(&mut self, records: &[StoredRecord]) -> io::Result<()> {
        caught(|| {
            for record in records {
                self.journal.insert(record.sequence.to_be_bytes(), record.bytes.as_slice())?;
            }
            Ok(())
        })
    }

    fn remove(&mut self, sequences: RangeInclusive<u64>) -> io::Result<()> {
        caught(|| {
            for sequence in sequences {
                self.journal.remove(sequence.to_be_bytes())?;
            }
            Ok(())
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        caught(|| self.database.flush())?;
        match self.fdatasync {
            Fdatasync::Done => self.file.sync_data(),
            Fdatasync::Skipped => Ok(()),
        }
    }

    fn scan(&mut self, visit: &mut RecordVisitor<'_>) -> io::Result<()> {
        let mut records = self.journal.iter();
        while let Some((key, value)) = caught(|| records.next().transpose())? {
            let key = key.as_ref().try_into().map_err(|_| {
                io::Error::new(io::ErrorKind::InvalidData, "a journal key is not 8 bytes long")
            })?;
            if visit(u64::from_be_bytes(key), &value) == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }
}

fn settings(path: &Path) -> sled::Config {
    sled::Config::new()
        .path(path)
        .segment_size(SEGMENT_BYTES)
        .cache_capacity(CACHE_BYTES)
        .flush_every_ms(None)
        .use_compression(false)
}

/// sled's threads may hold its lock for a moment after its handle is dropped.
fn wait_for_lock(path: &Path) -> io::Result<()> {
    let file = File::open(path.join("db"))?;
    let deadline = elapsed::now() + LOCK_PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return file.unlock(),
            Err(TryLockError::WouldBlock) if elapsed::now() < deadline => {
                std::thread::park_timeout(Duration::from_millis(1));
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// sled takes the highest `snap.*` name at open, also a `snap.*.generating` that a crash left torn, and then never
/// opens again. The rename is its commit point, so that an unrenamed one may go.
fn remove_torn_snapshots(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn parent(path: &Path) -> io::Result<&Path> {
    path.parent().ok_or_else(|| io::Error::other("the log folder has no parent folder"))
}

/// Runs a call into sled; a panic in it becomes an error.
fn caught<T>(call: impl FnOnce() -> sled::Result<T>) -> io::Result<T> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(into_io),
        Err(panic) => Err(io::Error::other(format!("sled panicked: {}", message_of(&*panic)))),
    }
}

fn into_io(error: sled::Error) -> io::Error {
    match error {
        sled::Error::Io(error) => error,
        sled::Error::Corruption { .. } => io::Error::new(io::ErrorKind::InvalidData, error),
        sled::Error::CollectionNotFound(_)
        | sled::Error::Unsupported(_)
        | sled::Error::ReportableBug(_) => io::Error::other(error),
    }
}

fn message_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::{Fdatasync, SledBackend};
    use crate::log_store::backend::{LogBackend, StoredRecord};
    use std::ops::ControlFlow;

    fn record(sequence: u64) -> StoredRecord {
        StoredRecord { sequence, bytes: vec![7; 100] }
    }

    fn sequences(store: &mut SledBackend) -> Vec<u64> {
        let mut found = Vec::new();
        store
            .scan(&mut |sequence, _| {
                found.push(sequence);
                ControlFlow::Continue(())
            })
            .unwrap();
        found
    }

    #[test]
    fn synced_records_are_there_after_a_reopen_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut store = SledBackend::create(&path, Fdatasync::Done).unwrap();
        store.append(&(1..=300).map(record).collect::<Vec<_>>()).unwrap();
        store.remove(1..=9).unwrap();
        store.sync().unwrap();
        drop(store);
        let mut store = SledBackend::open(&path, Fdatasync::Done).unwrap();
        assert_eq!(sequences(&mut store), (10..=300).collect::<Vec<_>>());
    }

    #[test]
    fn a_missing_store_is_not_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        assert!(SledBackend::open(dir.path(), Fdatasync::Done).is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_torn_snapshot_does_not_stop_the_store_from_opening() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let mut store = SledBackend::create(&path, Fdatasync::Done).unwrap();
        store.append(&[record(1)]).unwrap();
        store.sync().unwrap();
        drop(store);
        std::fs::write(path.join("snap.FFFFFFFFFFFFFFFF.generating"), b"torn").unwrap();
        let mut store = SledBackend::open(&path, Fdatasync::Done).unwrap();
        assert_eq!(sequences(&mut store), [1]);
    }
}
