//! What can be typed after `regent dev`.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// A VLAN is served by two racks at most.
const RACKS_MAX: i64 = 2;
/// Rack agents that come with demo data.
const RACKS_WITH_DEMO: u16 = 2;

/// Start a dev cluster, or do something to the one that runs.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DevArguments {
    /// How to start one.
    #[command(flatten)]
    pub start: DevStart,
    /// What to do to the one that runs.
    #[command(subcommand)]
    pub command: Option<DevCommand>,
}

/// How to start a dev cluster.
#[derive(Clone, Debug, Args)]
pub struct DevStart {
    /// How many nodes: 1, 3 or 5.
    #[arg(long, default_value_t = 3, value_parser = odd_group)]
    pub nodes: u16,
    /// Keep the nodes' data here, and start on what is there already [default: a temporary folder].
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Keep the temporary folder at the end.
    #[arg(long)]
    pub keep: bool,
    /// What to put into a new region.
    #[arg(long, value_enum, default_value_t)]
    pub demo: Demo,
    /// Instead of demo data, the site in this database dump of MAAS.
    #[arg(long, value_name = "FILE", conflicts_with = "demo")]
    pub import: Option<PathBuf>,
    /// How many rack agents, 0 to 2, for simulated DHCP clients [default: 2 with demo data, else 0].
    #[arg(long, conflicts_with = "import", value_parser = clap::value_parser!(u16).range(..=RACKS_MAX))]
    pub racks: Option<u16>,
    /// API port of the first node; the others' are 10 apart, peers at +1, DNS at +3, DHCP of racks at +61 and +62; 0
    /// picks a free one.
    #[arg(long, default_value_t = 7440)]
    pub base_port: u16,
}

impl DevStart {
    /// Rack agents that a new cluster gets.
    #[must_use]
    pub fn racks_of_new(&self) -> u16 {
        let usual = match (&self.import, self.demo) {
            (None, Demo::Small) => RACKS_WITH_DEMO,
            (Some(_), _) | (None, Demo::None) => 0,
        };
        self.racks.unwrap_or(usual)
    }
}

/// Data to begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Demo {
    /// Two domains, 24 machines, and a network whose clients get their addresses from the racks.
    #[default]
    Small,
    /// Nothing.
    None,
}

/// What can be done to a running dev cluster.
#[derive(Debug, Subcommand)]
pub enum DevCommand {
    /// Kill the leader under load, and measure what clients notice.
    Failover(Which),
    /// Kill a node or a rack agent with SIGKILL.
    Kill(WhichNode),
    /// Stop a node or a rack agent in its tracks with SIGSTOP.
    Pause(WhichNode),
    /// Let one go on that was paused.
    Resume(WhichNode),
    /// Start one that was killed.
    Start(WhichNode),
    /// Show processes, ports and folders.
    Status(Which),
    /// Stop all nodes and clean up.
    Stop(Which),
    /// Be a rack agent of a dev cluster.
    #[command(hide = true)]
    RackAgent {
        /// Its configuration file.
        config: PathBuf,
    },
}

/// Which dev cluster.
#[derive(Clone, Copy, Debug, Args)]
pub struct Which {
    /// Its base port, if several run.
    #[arg(long)]
    pub base_port: Option<u16>,
}

/// Which node of which dev cluster.
#[derive(Clone, Debug, Args)]
pub struct WhichNode {
    /// r1, r2, … or rack1, rack2.
    pub node: String,
    /// Its cluster.
    #[command(flatten)]
    pub which: Which,
}

fn odd_group(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(nodes @ (1 | 3 | 5)) => Ok(nodes),
        Ok(_) | Err(_) => Err("1, 3 or 5 nodes are possible".into()),
    }
}
