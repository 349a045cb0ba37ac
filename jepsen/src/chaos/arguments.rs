//! What can be asked of a run.

use crate::chaos::plan::Kind;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// What a run may take beyond its plan: to start, to heal, to be looked at.
const AROUND: Duration = Duration::from_secs(420);

/// Which cluster, and what is done to it.
#[derive(Clone, Debug, Args)]
pub struct ChaosArguments {
    /// The executable of the nodes [default: `regent` beside this one].
    #[arg(long, env = "REGENT_EXE")]
    pub executable: Option<PathBuf>,
    /// Where the plan comes from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Nodes of the cluster: 3 or 5.
    #[arg(long, default_value_t = 3, value_parser = nodes)]
    pub nodes: usize,
    /// Seconds of faults.
    #[arg(long, default_value_t = 60)]
    pub seconds: u64,
    /// Kinds of fault, each at least once if there is time [default: all].
    #[arg(long, value_enum, value_delimiter = ',')]
    pub nemeses: Vec<Kind>,
    /// Have two racks serve real DHCP clients meanwhile.
    #[arg(long)]
    pub racks: bool,
    /// The executable of the racks [default: `rack-agent` beside that of the nodes].
    #[arg(long, env = "RACK_AGENT_EXE")]
    pub rack_executable: Option<PathBuf>,
    /// Do again what this plan (`plan.json` of another run) says, whatever seed, nodes, seconds and kinds are.
    #[arg(long)]
    pub plan: Option<PathBuf>,
    /// Fail where something is missing, instead of leaving it out.
    #[arg(long, value_enum)]
    pub require: Option<Tier>,
    /// Folder for what is left of a run: `SEED/plan.json`, `history.jsonl`, the lines of the nodes.
    #[arg(long, default_value = "target/chaos")]
    pub results: PathBuf,
    /// The book of runs (jepsen/RUNS.md) that gets a line about this one.
    #[arg(long)]
    pub runs: Option<PathBuf>,
    /// If it fails, try a few times with fewer faults, and keep the smallest plan that fails in the same way.
    #[arg(long)]
    pub shrink: bool,
    /// The folder to work in, once inside a namespace of its own.
    #[arg(long, hide = true)]
    pub inside: Option<PathBuf>,
}

/// How much of a machine a run needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Tier {
    /// Everything: namespaces, cuts, disks, clocks.
    Netns,
    /// What anybody may do on any machine.
    Local,
}

impl ChaosArguments {
    /// How long a run of so many seconds of faults may take.
    #[must_use]
    pub const fn time_limit(seconds: u64) -> Duration {
        Duration::from_secs(seconds.saturating_mul(2)).saturating_add(AROUND)
    }
}

fn nodes(text: &str) -> Result<usize, String> {
    match text {
        "3" => Ok(3),
        "5" => Ok(5),
        _ => Err("3 or 5".into()),
    }
}
