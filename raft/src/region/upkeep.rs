//! Starts what a node does by itself, each in its own file, and stops the node when one of these or its Raft has failed.

use crate::region::exclude::{ask_whether_removed, leave_when_diverged, leave_when_removed};
use crate::region::figures::count_leader_changes;
use crate::region::handle::{Region, Shared};
use crate::region::read_notes::read_notes;
use crate::region::roster::know_peers;
use crate::region::tick::tick;
use crate::type_config::RegionNode;
use futures::FutureExt as _;
use openraft::async_runtime::WatchReceiver as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

impl Region {
    /// Starts everything that goes on until the node stops. `own` is the node as it is reached now.
    pub(crate) fn start_upkeep(&self, own: RegionNode) {
        let shared = &self.shared;
        let (done, stopped) = (Until::Done, Until::Stopped);
        shared.keep_up("announce", done, self.clone().announce(own));
        shared.keep_up("found_site", done, self.clone().found_site());
        shared.keep_up("promote_learners", stopped, self.clone().promote_learners());
        shared.keep_up("finish_changes", stopped, self.clone().finish_changes());
        shared.keep_up("tick", stopped, tick(Arc::clone(shared)));
        shared.keep_up("keep_log_short", stopped, self.clone().keep_log_short());
        shared.keep_up("snapshot_imports", stopped, self.clone().snapshot_imports());
        let counting = count_leader_changes(Arc::clone(shared));
        shared.keep_up("count_leader_changes", stopped, counting);
        shared.keep_up("know_peers", stopped, know_peers(Arc::clone(shared)));
        shared.keep_up("read_notes", stopped, read_notes(Arc::clone(shared)));
        shared.keep_up("mind_the_disk", stopped, self.clone().mind_the_disk());
        shared.keep_up("compare_digests", stopped, self.clone().compare_digests());
        shared.keep_up("tell_who_is_away", stopped, self.clone().tell_who_is_away());
        shared.keep_up("leave_when_diverged", stopped, leave_when_diverged(Arc::clone(shared)));
        shared.keep_up("leave_when_removed", stopped, leave_when_removed(Arc::clone(shared)));
        shared.keep_up("ask_whether_removed", stopped, ask_whether_removed(Arc::clone(shared)));
        shared.tasks.spawn(notice_failure(Arc::clone(shared)));
    }
}

/// When a task may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Once there is nothing left to do for it.
    Done,
    /// Only with the node.
    Stopped,
}

impl Shared {
    /// Runs `work` until the node stops. Should it end too early, or panic, the node stops: one that goes on without, say,
    /// cutting its log or noticing that it was removed looks well and is not.
    pub(crate) fn keep_up(
        &self,
        name: &'static str,
        until: Until,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        let stopping = self.stopping.clone();
        let watched = async move {
            let work = AssertUnwindSafe(work).catch_unwind();
            let ended = stopping.run_until_cancelled(work).await;
            let may_end = until == Until::Done || stopping.is_cancelled();
            match ended {
                None => {}
                Some(Ok(())) if may_end => {}
                Some(ended) => {
                    let panicked = ended.is_err();
                    tracing::error!(task = name, panicked, "a task ended, so this node stops");
                    stopping.cancel();
                }
            }
        };
        self.tasks.spawn(watched);
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
