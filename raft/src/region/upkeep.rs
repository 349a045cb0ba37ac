//! Starts what a node does by itself, each in its own file, and stops the node when its Raft has failed.

use crate::region::exclude::{ask_whether_removed, leave_when_diverged, leave_when_removed};
use crate::region::handle::{Region, Shared};
use crate::region::roster::know_peers;
use crate::region::tick::tick;
use crate::type_config::RegionNode;
use openraft::async_runtime::WatchReceiver as _;
use std::sync::Arc;

impl Region {
    /// Starts everything that goes on until the node stops. `own` is the node as it is reached now.
    pub(crate) fn start_upkeep(&self, own: RegionNode) {
        let shared = &self.shared;
        shared.keep_up(self.clone().announce(own));
        shared.keep_up(self.clone().found_site());
        shared.keep_up(self.clone().promote_learners());
        shared.keep_up(self.clone().finish_changes());
        shared.keep_up(tick(Arc::clone(shared)));
        shared.keep_up(self.clone().keep_log_short());
        shared.keep_up(self.clone().snapshot_imports());
        shared.keep_up(know_peers(Arc::clone(shared)));
        shared.keep_up(self.clone().mind_the_disk());
        shared.keep_up(self.clone().compare_digests());
        shared.keep_up(leave_when_diverged(Arc::clone(shared)));
        shared.keep_up(leave_when_removed(Arc::clone(shared)));
        shared.keep_up(ask_whether_removed(Arc::clone(shared)));
        shared.tasks.spawn_on(notice_failure(Arc::clone(shared)), &shared.runtime);
    }
}

impl Shared {
    /// Runs `work` until the node stops.
    fn keep_up(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.stopping.clone();
        self.tasks.spawn_on(stopping.run_until_cancelled_owned(work), &self.runtime);
    }
}

/// Stops the node when its Raft core has stopped: it can do nothing more that would be right.
async fn notice_failure(shared: Arc<Shared>) {
    let mut metrics = shared.raft.metrics();
    let stopping = shared.stopping.clone();
    loop {
        if let Err(fatal) = &metrics.borrow_and_update().running_state {
            if !stopping.is_cancelled() {
                tracing::error!(%fatal, "Raft stopped, so this node stops");
            }
            stopping.cancel();
            return;
        }
        match stopping.run_until_cancelled(metrics.changed()).await {
            Some(Ok(())) => {}
            Some(Err(_)) | None => return stopping.cancel(),
        }
    }
}
