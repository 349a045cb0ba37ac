//! What this node counts about consensus and storage since it was started, for those who watch over it.

use crate::log_store::figures::LogFigures;
use crate::log_store::store::bytes_on_disk;
use crate::log_store::sync_times::SyncFigures;
use crate::region::handle::{Region, Shared};
use crate::state_machine::snapshot_store::SnapshotFigures;
use openraft::async_runtime::WatchReceiver as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The figures of one node.
#[derive(Clone, Copy, Debug)]
pub struct RegionFigures {
    /// The log.
    pub log: LogFigures,
    /// What waiting for the disk took, the log's mark included.
    pub syncs: SyncFigures,
    /// Bytes the log takes on the disk; `None` if the disk does not say.
    pub log_disk_bytes: Option<u64>,
    /// Snapshots.
    pub snapshots: SnapshotFigures,
    /// How often another node came to lead, or the same one in another term, as far as this node noticed.
    pub leader_changes: u64,
}

impl Region {
    /// What this node has counted.
    #[must_use]
    pub fn figures(&self) -> RegionFigures {
        let Shared { log_figures, snapshots, leader_changes, data_dir, .. } = &*self.shared;
        RegionFigures {
            log: log_figures.read(),
            syncs: log_figures.sync_times.read(),
            log_disk_bytes: bytes_on_disk(data_dir.path()).ok(),
            snapshots: snapshots.figures(),
            leader_changes: leader_changes.load(Ordering::Relaxed),
        }
    }
}

/// Counts the leaders that follow the first one.
pub(crate) async fn count_leader_changes(shared: Arc<Shared>) {
    let mut metrics = shared.raft.server_metrics();
    let mut last = None;
    loop {
        let (term, leader) = {
            let metrics = metrics.borrow_and_update();
            (metrics.vote.leader_id.term, metrics.current_leader)
        };
        if let Some(leader) = leader
            && last != Some((term, leader))
            && last.replace((term, leader)).is_some()
        {
            shared.leader_changes.fetch_add(1, Ordering::Relaxed);
        }
        if metrics.changed().await.is_err() {
            return;
        }
    }
}
