//! Settings of consensus and storage. Defaults are what we ship; `validate` refuses what cannot work.

use crate::log_store::reserve::DiskLimits;
use std::sync::Arc;
use std::time::Duration;

/// The longest wait before an election that can be set.
pub const ELECTION_MAX: Duration = Duration::from_secs(60);

/// Settings of one node's part in the group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RaftConfig {
    /// How often a leader shows itself.
    pub heartbeat: Duration,
    /// A follower stands for election after `election_max` plus something between the two.
    pub election_min: Duration,
    /// Also the lease during which a follower that heard its leader refuses to vote.
    pub election_max: Duration,
    /// Applied entries between two snapshots.
    pub snapshot_entries: u64,
    /// Bytes of log after which a snapshot is made although there are not as many entries.
    pub snapshot_log_bytes: u64,
    /// Entries kept behind the older snapshot, so that a node that was away for a moment needs no snapshot.
    pub entries_kept: u64,
    /// Bytes that these entries may take: of long ones fewer are kept.
    pub log_bytes_kept: u64,
    /// How long a learner must keep up before it becomes a voter (DESIGN D20).
    pub promote_after: Duration,
    /// How many voters the group wants: 1, 3 or 5.
    pub voters_wanted: usize,
    /// How often replicas compare their digests.
    pub digest_every: Duration,
    /// When a disk counts as nearly full.
    pub disk: DiskLimits,
}

impl Default for RaftConfig {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_millis(40),
            election_min: Duration::from_millis(120),
            election_max: Duration::from_millis(200),
            snapshot_entries: 50_000,
            snapshot_log_bytes: 64 << 20,
            entries_kept: 20_000,
            log_bytes_kept: 16 << 20,
            promote_after: Duration::from_secs(5),
            voters_wanted: 3,
            digest_every: Duration::from_secs(10),
            disk: DiskLimits::default(),
        }
    }
}

/// Why settings cannot work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RaftConfigError {
    /// Elections must wait for several heartbeats.
    #[error(
        "raft.election ({min:?} to {max:?}) must rise and be at least 3 heartbeats ({heartbeat:?})"
    )]
    Election {
        /// Shortest wait.
        min: Duration,
        /// Longest wait.
        max: Duration,
        /// Heartbeat.
        heartbeat: Duration,
    },
    /// Nobody wants to be without a leader for that long.
    #[error("raft.election ends at {0:?}: {ELECTION_MAX:?} are possible")]
    LongElection(Duration),
    /// Every entry would be followed by a snapshot.
    #[error("raft.snapshot_entries is 0: at least 1 is needed, 50000 are shipped")]
    NoEntries,
    /// Only odd groups tolerate what they cost.
    #[error("raft.voters is {0}: 1, 3 or 5 are possible")]
    Voters(usize),
    /// openraft refuses them.
    #[error("raft settings are refused: {0}")]
    Refused(String),
}

impl RaftConfig {
    /// The settings as openraft takes them.
    ///
    /// # Errors
    /// [`RaftConfigError`] naming the setting that cannot work.
    pub fn validate(&self) -> Result<Arc<openraft::Config>, RaftConfigError> {
        let (min, max, heartbeat) = (self.election_min, self.election_max, self.heartbeat);
        if min >= max || min < heartbeat * 3 || heartbeat.is_zero() {
            return Err(RaftConfigError::Election { min, max, heartbeat });
        }
        if max > ELECTION_MAX {
            return Err(RaftConfigError::LongElection(max));
        }
        if self.snapshot_entries == 0 {
            return Err(RaftConfigError::NoEntries);
        }
        if ![1, 3, 5].contains(&self.voters_wanted) {
            return Err(RaftConfigError::Voters(self.voters_wanted));
        }
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let config = openraft::Config {
            cluster_name: "regent".into(),
            heartbeat_interval: millis(heartbeat),
            election_timeout_min: millis(min),
            election_timeout_max: millis(max),
            enable_pre_vote: Some(true),
            allow_log_reversion: Some(false),
            enable_leader_restore: Some(false),
            install_snapshot_timeout: 10_000,
            max_payload_entries: 4096,
            snapshot_policy: openraft::SnapshotPolicy::LogsSinceLast(self.snapshot_entries),
            // Purging is ours: behind the older of two verified snapshots (DESIGN D8).
            max_in_snapshot_log_to_keep: u64::MAX,
            purge_batch_size: 1000,
            replication_lag_threshold: self.snapshot_entries.saturating_mul(2),
            backoff: "20ms 40ms 80ms 160ms 320ms 500ms".into(),
            ..openraft::Config::default()
        };
        config.validate().map(Arc::new).map_err(|error| RaftConfigError::Refused(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::{RaftConfig, RaftConfigError};
    use std::time::Duration;

    #[test]
    fn shipped_settings_are_valid() {
        assert!(RaftConfig::default().validate().is_ok());
    }

    #[test]
    fn election_shorter_than_three_heartbeats_is_refused() {
        let config =
            RaftConfig { election_min: Duration::from_millis(100), ..RaftConfig::default() };
        assert!(matches!(config.validate(), Err(RaftConfigError::Election { .. })));
    }

    #[test]
    fn even_groups_are_refused() {
        let config = RaftConfig { voters_wanted: 2, ..RaftConfig::default() };
        assert!(matches!(config.validate(), Err(RaftConfigError::Voters(2))));
    }
}
