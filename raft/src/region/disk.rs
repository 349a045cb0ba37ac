//! Watches how much room the disk has: a node whose disk is nearly full leads no more and takes no writes (DESIGN D2).

use crate::log_store::reserve::{Reserve, disk_free};
use crate::log_store::store::RESERVE_FILE;
use crate::region::handle::Region;
use crate::type_config::NodeId;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::interval;

/// How often free disk space is looked at.
const DISK_EVERY: Duration = Duration::from_secs(1);

impl Region {
    /// Takes no more writes when the disk is nearly full, and lets another lead whose disk is not.
    pub(crate) async fn mind_the_disk(self) {
        let mut look = interval(DISK_EVERY);
        loop {
            look.tick().await;
            let full = match disk_free(self.shared.data_dir.path()) {
                Ok(space) => self.shared.config.disk.nearly_full(space),
                Err(error) => {
                    tracing::warn!(%error, "free disk space could not be read");
                    continue;
                }
            };
            if self.shared.disk_full.swap(full, Ordering::Relaxed) != full {
                tracing::warn!(full, "the disk went over, or back under, its limit");
            }
            if !full {
                self.set_reserve_aside().await;
                continue;
            }
            if !self.leadership().is_leader {
                continue;
            }
            // Handing over to another full disk would only send leadership round and round.
            let Some(heir) = self.heir_with_room().await else { continue };
            if let Err(error) = self.hand_over_to(heir).await {
                tracing::warn!(%error, "nobody took over from this node, whose disk is nearly full");
            }
        }
    }

    /// Sets the log's reserve aside again that a full disk has used up, once there is ample room.
    pub(crate) async fn set_reserve_aside(&self) {
        let path = self.shared.data_dir.path().join(RESERVE_FILE);
        let size = self.shared.reserve;
        // Making a file of this size takes its time: not on the threads Raft runs on.
        let setting = move || Reserve::open(path, size).map(drop);
        let set = self.shared.tasks.blocking(setting).await;
        if let Ok(Err(error)) = set {
            tracing::warn!(%error, "no room could be set aside for a full disk");
        }
    }

    /// The voter that is furthest along of those whose disk has room.
    pub(crate) async fn heir_with_room(&self) -> Option<NodeId> {
        let voters: Vec<NodeId> = self.shared.membership().voter_ids().collect();
        let reports = voters.iter().map(|voter| self.report_of(*voter));
        let reports = futures::future::join_all(reports).await.into_iter().flatten();
        let roomy = reports.filter(|report| !report.disk_full).map(|report| report.node_id);
        let roomy: BTreeSet<NodeId> = roomy.collect();
        self.shared.heir(|node| roomy.contains(&node))
    }
}
