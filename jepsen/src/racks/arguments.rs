//! What can be asked of a run.

use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// Which scenarios, and with what.
#[derive(Clone, Debug, Args)]
pub struct RacksArguments {
    /// Which of them, one after the other; all, unless some are named.
    pub scenarios: Vec<Scenario>,
    /// The executable of the nodes [default: `regent` beside this one].
    #[arg(long, env = "REGENT_EXE")]
    pub executable: Option<PathBuf>,
    /// The executable of the racks [default: `rack-agent` beside this one].
    #[arg(long, env = "RACK_AGENT_EXE")]
    pub rack_executable: Option<PathBuf>,
    /// End with exit code 3 where this machine cannot do it, not with 0.
    #[arg(long)]
    pub require: bool,
    /// Do it as the tests of every change do: in less than a minute each.
    #[arg(long)]
    pub short: bool,
    /// Give up after so many seconds.
    #[arg(long, default_value_t = 3600)]
    pub seconds_max: u64,
}

impl RacksArguments {
    /// How long the run may take.
    #[must_use]
    pub const fn time_limit(&self) -> Duration {
        Duration::from_secs(self.seconds_max)
    }

    /// How much is done.
    #[must_use]
    pub const fn extent(&self) -> Extent {
        if self.short { Extent::Short } else { Extent::Full }
    }
}

/// What racks and their clients go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Nothing fails: addresses, names, boot files, relays.
    Everyday,
    /// The rack that serves dies, stands still, or loses its cable to the clients.
    Outage,
    /// All nodes of the region are away for a while.
    Away,
    /// Racks cut from each other and the region, without their disk, standing still.
    Apart,
    /// Racks take over from another DHCP server, half of whose leases they are not told of.
    Cutover,
}

impl Scenario {
    /// Its name, here and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Everyday => "everyday",
            Self::Outage => "outage",
            Self::Away => "away",
            Self::Apart => "apart",
            Self::Cutover => "cutover",
        }
    }
}

/// How much is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What takes less than a minute.
    Short,
    /// What there is time for.
    Full,
}
