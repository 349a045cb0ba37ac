//! Keeps the log short: a snapshot when it has become heavy, and a purge of what the kept snapshots cover (DESIGN D8).
//!
//! openraft itself makes a snapshot after so many entries, once. A few hundred long ones fill memory and disk before that.

use crate::config::RaftConfig;
use crate::log_store::gauge::LogGauge;
use crate::region::handle::{Region, Shared};
use crate::runtime::elapsed;
use crate::runtime::tasks::Gone;
use std::time::{Duration, Instant};
use tokio::time::{MissedTickBehavior, interval};

/// How often the weight of the log is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long a snapshot that was asked for is waited for. It may be in the making, or the disk have no room for it.
const ASK_AGAIN: Duration = Duration::from_secs(10);

impl Region {
    /// Makes snapshots of a heavy log, and purges it behind the older of the two that are kept.
    pub(crate) async fn keep_log_short(self) {
        let shared = &self.shared;
        let mut progress = shared.raft.watch_snapshot_progress();
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut older = shared.purge().await;
        let mut asked = None;
        loop {
            tokio::select! {
                biased;
                changed = progress.changed() => match changed {
                    Ok(()) => (older, asked) = (shared.purge().await, None),
                    Err(_) => return,
                },
                _ = look.tick() => {}
            }
            if asked.is_some_and(|asked: Instant| elapsed::since(asked) < ASK_AGAIN) {
                continue;
            }
            let indexes = self.log_indexes();
            let snapshots = Snapshots { newest: indexes.snapshot, older };
            let applied = self.published().applied_index();
            if !snapshots.are_due(&shared.log, &shared.config, applied) {
                continue;
            }
            asked = Some(elapsed::now());
            if shared.raft.trigger().snapshot().await.is_err() {
                return;
            }
        }
    }
}

impl Shared {
    /// Removes snapshots but the newest two, and the log behind the older of them, but for what followers that were away
    /// for a moment may want. Tells up to where that snapshot reaches; 0 if there are no two.
    async fn purge(&self) -> u64 {
        // Freeing a large file takes its time: not on the threads Raft runs on.
        let snapshots = self.snapshots.clone();
        let covered = match self.tasks.blocking(move || snapshots.prune()).await {
            Ok(Ok(covered)) => covered.unwrap_or(0),
            Ok(Err(error)) => {
                tracing::error!(%error, "old snapshots could not be removed");
                return 0;
            }
            Err(Gone) => return 0,
        };
        let RaftConfig { entries_kept, log_bytes_kept, .. } = self.config;
        let light_behind = self.log.lightest_behind(covered, log_bytes_kept);
        let upto = covered.saturating_sub(entries_kept).max(light_behind);
        if upto > 0 {
            drop(self.raft.trigger().purge_log(upto).await);
        }
        covered
    }
}

/// Up to where the two snapshots reach; 0 for one that is not there.
struct Snapshots {
    newest: u64,
    older: u64,
}

impl Snapshots {
    /// Whether the log behind the newest is so heavy or long that another is due, or the log that only the older one keeps from
    /// being purged: that came in while the newest was being made, or with an import.
    fn are_due(&self, log: &LogGauge, config: &RaftConfig, applied: u64) -> bool {
        let [behind_newest, behind_older] =
            [self.newest, self.older].map(|index| log.bytes_behind(index));
        let between = behind_older.saturating_sub(behind_newest);
        let bytes_max = config.snapshot_log_bytes;
        // After so many openraft has tried, and does not try again.
        let long = applied.saturating_sub(self.newest) > config.snapshot_entries.saturating_mul(2);
        // Twice, for what comes in while one is being made shall not have two made each time.
        let heavy = behind_newest > bytes_max || between > bytes_max.saturating_mul(2);
        applied > self.newest && (heavy || long)
    }
}
