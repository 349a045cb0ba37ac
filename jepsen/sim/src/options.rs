//! What a run is like, beside its seed.

use regent_raft::config::RaftConfig;
use regent_raft::log_store::reserve::DiskLimits;
use std::time::Duration;

/// Settings of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimOptions {
    /// Voters of the group: 1, 3 or 5.
    pub voters: u8,
    /// How long faults and load go on, in virtual time.
    pub length: Duration,
    /// Clients at once.
    pub clients: u8,
    /// How much goes wrong.
    pub faults: Faults,
    /// Whether there are racks.
    pub racks: RackChoice,
}

/// How many racks there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RackChoice {
    /// As the seed says: none in nine of ten.
    BySeed,
    /// So many.
    Exactly(u8),
}

/// How much goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faults {
    /// Nothing.
    None,
    /// What the seed says.
    Planned,
}

impl Default for SimOptions {
    fn default() -> Self {
        Self {
            voters: 3,
            length: Duration::from_secs(30),
            clients: 6,
            faults: Faults::Planned,
            racks: RackChoice::BySeed,
        }
    }
}

impl SimOptions {
    /// The product's settings: as shipped, but for what would not happen within minutes, and for this machine's disk.
    #[must_use]
    pub fn config(&self, snapshot_entries: u64, entries_kept: u64) -> RaftConfig {
        RaftConfig {
            snapshot_entries,
            entries_kept,
            promote_after: Duration::from_millis(500),
            voters_wanted: self.voters.into(),
            digest_every: Duration::from_secs(2),
            disk: DiskLimits { free_bytes_min: 0, free_percent_min: 0 },
            ..RaftConfig::default()
        }
    }
}
