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
    /// Measure outages of others as well, and tell how much longer they are.
    #[arg(long)]
    pub against: Option<Against>,
    /// How often each row of outages is measured, renewals excepted [default: 10; 2 of others].
    #[arg(long)]
    pub passes: Option<usize>,
    /// Write what was found into this file, as JSON.
    #[arg(long)]
    pub json: Option<PathBuf>,
    /// Racks of the fleet [default: 2000, 50 in short].
    #[arg(long)]
    pub agents: Option<u32>,
    /// Give up after so many seconds.
    #[arg(long, default_value_t = 7200)]
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
    pub const fn scope(&self) -> Scope {
        let extent = if self.short { Extent::Short } else { Extent::Full };
        Scope { extent, against: self.against, passes: self.passes, agents: self.agents }
    }
}

/// How much is done of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// How much.
    pub extent: Extent,
    /// With whom outages are compared.
    pub against: Option<Against>,
    /// How often each row of outages is measured; as often as usual if none.
    pub passes: Option<usize>,
    /// Racks of the fleet; as many as usual if none.
    pub agents: Option<u32>,
}

impl Scope {
    /// What takes less than a minute.
    pub const SHORT: Self =
        Self { extent: Extent::Short, against: None, passes: None, agents: None };
}

/// DHCP servers to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Against {
    /// Two Kea servers in high availability.
    KeaHa,
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
    /// Leaders killed in the middle of a hundred exchanges a second. Needs no root.
    Storm,
    /// Two thousand racks that come at once, and a node that dies under them. Needs no root.
    Fleet,
    /// Racks take over from another DHCP server, half of whose leases they are not told of.
    Cutover,
}

impl Scenario {
    /// Whether it plays in network namespaces.
    #[must_use]
    pub const fn needs_lab(self) -> bool {
        match self {
            Self::Everyday | Self::Outage | Self::Away | Self::Apart | Self::Cutover => true,
            Self::Storm | Self::Fleet => false,
        }
    }

    /// Its name, here and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Everyday => "everyday",
            Self::Outage => "outage",
            Self::Away => "away",
            Self::Apart => "apart",
            Self::Storm => "storm",
            Self::Fleet => "fleet",
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
