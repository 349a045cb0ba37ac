//! What can be asked of a run.

use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// Writes a second a fault should meet.
pub const RATE_WANTED: usize = 500;
/// Requests in flight a fault should meet.
pub const IN_FLIGHT_WANTED: usize = 20;

/// Which faults, and how.
#[derive(Clone, Debug, Args)]
pub struct FaultsArguments {
    /// The executable of the nodes [default: `regent` beside this one].
    #[arg(long, env = "REGENT_EXE")]
    pub executable: Option<PathBuf>,
    /// How often the leader is killed.
    #[arg(long, default_value_t = 20)]
    pub kills: usize,
    /// How often the leader is paused.
    #[arg(long, default_value_t = 10)]
    pub pauses: usize,
    /// Seconds of a pause.
    #[arg(long, default_value_t = 5)]
    pub pause_seconds: u64,
    /// How often a follower is killed while it installs a snapshot.
    #[arg(long, default_value_t = 5)]
    pub snapshot_kills: usize,
    /// Fail, too, when a fault met less than 500 writes a second or less than 20 requests in flight, when a kind of write
    /// was never acknowledged, none came to the log twice, less than 60 % came in through followers, or a node did not go
    /// on with the part of a snapshot it held.
    #[arg(long)]
    pub require: bool,
    /// Seconds to wait for that much before a fault is done all the same.
    #[arg(long, default_value_t = 8)]
    pub load_seconds_max: u64,
    /// Give up after so many seconds.
    #[arg(long, default_value_t = 1800)]
    pub seconds_max: u64,
    /// Folder for the histories of the phases, one file each.
    #[arg(long)]
    pub histories: Option<PathBuf>,
}

impl FaultsArguments {
    /// How long the run may take.
    #[must_use]
    pub const fn time_limit(&self) -> Duration {
        Duration::from_secs(self.seconds_max)
    }

    /// How long a pause lasts.
    #[must_use]
    pub const fn pause(&self) -> Duration {
        Duration::from_secs(self.pause_seconds)
    }
}
