//! A disk without any room: the reserve is given up, and the node can still vote.

use crate::kind::{DISK_BYTES, Kind, entry};
use crate::node;
use openraft::storage::{IOFlushed, RaftLogStorage};
use regent_power::disk::Disk;
use regent_raft::log_store::record::Ballot;
use regent_raft::log_store::reserve::{Reserve, ReserveSize, disk_free};
use regent_raft::log_store::store::RESERVE_FILE;
use rustix::fs::{FallocateFlags, fallocate};
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Enough bytes to need new segments of sled's file.
const ENTRIES: u64 = 600;
const ENTRY_BYTES: u64 = 10_000;

/// Less than a segment: what the file system needs to map the ballast.
const LEFT_BYTES: u64 = 1 << 20;

/// Fills a disk under an open log; entries and a vote are written all the same.
pub(crate) fn votes_on_a_full_disk(work: &Path) -> io::Result<bool> {
    let disk = Disk::make(work, "full", DISK_BYTES)?;
    let folder = disk.path().join("node");
    fs::create_dir(&folder)?;
    let mut log = node::open(&folder, Kind::Purge).map_err(io::Error::other)?;
    let before = held(&folder)?;
    let ballast = File::create(disk.path().join("ballast"))?;
    let free = disk_free(disk.path())?.free_bytes;
    fallocate(&ballast, FallocateFlags::empty(), 0, free - LEFT_BYTES)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        // The vote waits for the entries before it.
        let entries = (0..ENTRIES).map(|index| entry(index, 1, ENTRY_BYTES));
        log.append(entries, IOFlushed::noop()).await?;
        log.save_vote(&Ballot { term: 2, node: 1, committed: false }.into()).await
    })?;
    Ok(before > 0 && held(&folder)? == 0)
}

fn held(folder: &Path) -> io::Result<u64> {
    let untouched = ReserveSize { bytes: 0, floor_bytes: 0 };
    Reserve::open(folder.join(RESERVE_FILE), untouched)?.held_bytes()
}
