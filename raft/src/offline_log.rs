//! The log of a node that does not run, read whole, for tools that judge what a group has committed.
//!
//! Opening is the same as a node's own: it takes the directory's lock and refuses a log with lost memory. It decides
//! nothing about what is committed: that takes the word of a majority.

use crate::identity::{DataDir, Identity};
use crate::log_store::amnesia::OpenError;
use crate::log_store::memory::MemoryDisk;
use crate::log_store::store::{LogOptions, LogStore};
use crate::type_config::{Entry, Stamped};
use openraft::entry::EntryPayload;
use std::path::Path;

/// A log read from a data directory.
#[derive(Clone, Debug)]
pub struct OfflineLog {
    /// Whose it is.
    pub identity: Identity,
    /// The last index that is gone behind a snapshot.
    pub purged: Option<u64>,
    /// Everything behind that, in order and without gap.
    pub entries: Vec<OfflineEntry>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfflineEntry {
    /// Its index.
    pub index: u64,
    /// Term of the leader that made it.
    pub term: u64,
    /// The request in it; `None` for what Raft itself writes.
    pub stamped: Option<Stamped>,
}

impl OfflineLog {
    /// Reads the log of the node in `directory`. Like a start of that node, this notes in its mark what was found.
    ///
    /// # Errors
    /// [`OpenError`]: a node runs there, or could not start either.
    pub fn read(directory: &Path) -> Result<Self, OpenError> {
        let data_dir = DataDir::lock(directory)?;
        let identity = data_dir.identity()?;
        let alone = Box::new(|_: &std::io::Error| {});
        let log = LogStore::open(directory, identity.store, &LogOptions::default(), alone)?;
        Ok(Self::held_by(&log, identity))
    }

    /// Reads the log on a simulation's disk, that of the node with this identity. The disk is left as it is.
    ///
    /// # Errors
    /// [`OpenError`]: the node could not start either.
    pub fn read_simulated(disk: &MemoryDisk, identity: Identity) -> Result<Self, OpenError> {
        let alone = Box::new(|_: &std::io::Error| {});
        let options = LogOptions::default();
        let copy = disk.after_kill();
        let (log, _pump) = LogStore::open_in_memory(&copy, identity.store, &options, alone)?;
        Ok(Self::held_by(&log, identity))
    }

    fn held_by(log: &LogStore, identity: Identity) -> Self {
        let tail = log.tail();
        let purged = tail.standing().purged.map(|purged| purged.index);
        let entries = tail.read(&(..)).into_iter().map(OfflineEntry::from).collect();
        Self { identity, purged, entries }
    }
}

impl From<Entry> for OfflineEntry {
    fn from(entry: Entry) -> Self {
        let stamped = match entry.payload {
            EntryPayload::Normal(stamped) => Some(stamped),
            EntryPayload::Blank | EntryPayload::Membership(_) => None,
        };
        Self { index: entry.log_id.index, term: *entry.log_id.leader_id, stamped }
    }
}
