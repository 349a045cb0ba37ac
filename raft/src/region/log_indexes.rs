//! How far a node's log is, for those who watch over it.

use crate::region::handle::Region;
use openraft::async_runtime::WatchReceiver as _;

/// Places in the log of one node; 0 where there is none yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogIndexes {
    /// The last entry it has.
    pub last: u64,
    /// The last entry it knows to be committed.
    pub committed: u64,
    /// The last entry its newest snapshot has in it.
    pub snapshot: u64,
    /// The last entry it has purged.
    pub purged: u64,
}

impl Region {
    /// How far this node's log is.
    #[must_use]
    pub fn log_indexes(&self) -> LogIndexes {
        let metrics = self.shared.raft.data_metrics();
        let metrics = metrics.borrow_watched();
        LogIndexes {
            last: metrics.last_log.as_ref().map_or(0, |entry| entry.index),
            committed: metrics.local_committed.as_ref().map_or(0, |entry| entry.index),
            snapshot: metrics.snapshot.as_ref().map_or(0, |entry| entry.index),
            purged: metrics.purged.as_ref().map_or(0, |entry| entry.index),
        }
    }
}
