//! What can be asked of a run.

use crate::load::intent::Weight;
use clap::{Args, ValueEnum};
use regent_raft::log_store::sled::Fdatasync;
use regent_raft::log_store::store::LogOptions;
use std::path::PathBuf;
use std::time::Duration;

/// How many cuts, and of what.
#[derive(Clone, Debug, Args)]
pub struct PowerArguments {
    /// The executable of the nodes [default: `regent` beside this one].
    #[arg(long, env = "REGENT_EXE")]
    pub executable: Option<PathBuf>,
    /// How often all disks lose power at once.
    #[arg(long, default_value_t = 50)]
    pub cuts: usize,
    /// Fail, too, unless so many of them met a purge, a snapshot or a change of members in flight.
    #[arg(long, default_value_t = 0)]
    pub in_flight: usize,
    /// End with exit code 3 where this machine cannot do it, not with 0.
    #[arg(long)]
    pub require: bool,
    /// Then leave out what makes the log durable, one thing after the other, and fail unless a loss is seen within so
    /// many cuts. 0 leaves these controls out.
    #[arg(long, default_value_t = 0)]
    pub control_cuts_max: usize,
    /// Give up after so many seconds.
    #[arg(long, default_value_t = 3600)]
    pub seconds_max: u64,
    /// The folder to work in, once inside a namespace of its own.
    #[arg(long, hide = true)]
    pub inside: Option<PathBuf>,
}

impl PowerArguments {
    /// How long the run may take.
    #[must_use]
    pub const fn time_limit(&self) -> Duration {
        Duration::from_secs(self.seconds_max)
    }
}

/// What is left out for a control: with it, data must get lost, or the rig proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Weakness {
    /// Our `fdatasync` behind sled's flush.
    WithoutFdatasync,
    /// The limit of what is written between two syncs.
    WithoutCap,
}

impl Weakness {
    /// Its name, here and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WithoutFdatasync => "without-fdatasync",
            Self::WithoutCap => "without-cap",
        }
    }

    /// How heavy the load is: only large groups make a round too large.
    #[must_use]
    pub const fn load(self) -> Weight {
        match self {
            Self::WithoutFdatasync => Weight::Heavy,
            Self::WithoutCap => Weight::Full,
        }
    }

    /// How the log of a weakened node is run.
    #[must_use]
    pub fn log_options(self) -> LogOptions {
        let whole = LogOptions::default();
        match self {
            Self::WithoutFdatasync => LogOptions { fdatasync: Fdatasync::Skipped, ..whole },
            Self::WithoutCap => {
                LogOptions { round_bytes_max: usize::MAX, group_bytes_max: usize::MAX, ..whole }
            }
        }
    }
}

/// A node for a control.
#[derive(Clone, Debug, Args)]
pub struct WeakNodeArguments {
    /// What is left out.
    pub weakness: Weakness,
    /// Its prepared directory.
    #[arg(long)]
    pub data_dir: PathBuf,
    /// End when the process with this id, which started this one, ends.
    #[arg(long)]
    pub die_with_parent: u32,
}
