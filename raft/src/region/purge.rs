//! Gives up the part of the log that the kept snapshots cover.

use crate::region::handle::Shared;
use std::sync::Arc;

/// Purges the log behind the older of the two kept snapshots (DESIGN D8).
pub(crate) async fn purge(shared: Arc<Shared>) {
    let mut progress = shared.raft.watch_snapshot_progress();
    loop {
        if progress.changed().await.is_err() {
            return;
        }
        // Freeing a large file takes its time: not on the threads Raft runs on.
        let snapshots = shared.snapshots.clone();
        let pruning = shared.tasks.spawn_blocking_on(move || snapshots.prune(), &shared.runtime);
        let Ok(pruned) = pruning.await else { return };
        match pruned {
            Ok(Some(covered)) => {
                let upto = covered.saturating_sub(shared.config.entries_kept);
                if upto > 0 {
                    drop(shared.raft.trigger().purge_log(upto).await);
                }
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "old snapshots could not be removed"),
        }
    }
}
