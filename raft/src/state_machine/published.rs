//! What readers see: one pointer, swapped once per applied batch (DESIGN D3).
//!
//! Readers never lock and never see half a batch. Roots that are no longer current are dropped by a thread of their
//! own, since freeing a large one takes milliseconds.

use crate::clock::AppliedTime;
use crate::runtime::reaper::Reaper;
use crate::type_config::{LogId, StoredMembership};
use arc_swap::ArcSwap;
use regent_core::revision::Revision;
use regent_core::state::State;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The state after some entry.
#[derive(Clone, Debug)]
pub struct Published {
    /// The last entry applied.
    pub applied: Option<LogId>,
    /// The membership as of that entry.
    pub membership: StoredMembership,
    /// The state after it.
    pub state: State,
    /// This node's boot clock when it was applied.
    pub since_boot: Duration,
}

impl Published {
    /// Log index of the last entry applied; 0 before the first.
    #[must_use]
    pub fn applied_index(&self) -> u64 {
        self.applied.as_ref().map_or(0, |log_id| log_id.index)
    }

    /// Term of the leader that made the last entry applied.
    #[must_use]
    pub fn applied_term(&self) -> Option<u64> {
        self.applied.as_ref().map(|log_id| log_id.committed_leader_id().term)
    }

    /// Cluster time after the last entry, and when that was here.
    #[must_use]
    pub fn applied_time(&self) -> AppliedTime {
        AppliedTime { cluster: self.state.meta().now, since_boot: self.since_boot }
    }
}

/// How far this node has applied, for those who wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Log index of the last entry applied.
    pub index: u64,
    /// Its revision.
    pub revision: Revision,
}

/// The current root and who waits for the next.
#[derive(Debug)]
pub struct Publisher {
    current: ArcSwap<Published>,
    progress: watch::Sender<Progress>,
    reaper: Reaper<Arc<Published>>,
}

impl Publisher {
    /// Publishes a first root and starts the reaper, which ends with the publisher.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn start(first: Published) -> std::io::Result<Arc<Self>> {
        let reaper = Reaper::start("root-reaper")?;
        let progress = watch::Sender::new(progress_of(&first));
        Ok(Arc::new(Self { current: ArcSwap::from_pointee(first), progress, reaper }))
    }

    /// The current root. Hold it for one request, not longer.
    #[must_use]
    pub fn load(&self) -> Arc<Published> {
        self.current.load_full()
    }

    /// Waits on what is applied.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Swaps the root, then wakes those who wait.
    pub fn publish(&self, next: Published) {
        let progress = progress_of(&next);
        let old = self.current.swap(Arc::new(next));
        self.progress.send_replace(progress);
        self.reaper.drop(old);
    }
}

fn progress_of(published: &Published) -> Progress {
    Progress { index: published.applied_index(), revision: published.state.meta().revision }
}
