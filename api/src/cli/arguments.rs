//! What can be typed.

use crate::cli::import::command::ImportArguments;
use crate::telemetry::LogFormat;
use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Regent keeps the state of a bare-metal region: machines, networks, leases and DNS, on three nodes or five.
#[derive(Debug, Parser)]
#[command(name = "regent", version, propagate_version = true)]
pub struct Arguments {
    /// How much is logged: error, warn, info, debug.
    #[arg(long, global = true, default_value = "info", env = "REGENT_LOG_LEVEL")]
    pub log_level: String,
    /// What log lines look like.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub log_format: LogFormat,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new region with this node as its first, and run it.
    Init(Prepare),
    /// Join the region that a running node belongs to, and run.
    Join {
        /// The peer port of a running node, HOST:PORT.
        member: String,
        /// This node.
        #[command(flatten)]
        prepare: Prepare,
    },
    /// Run the node whose directory was prepared by `init` or `join`.
    Region {
        /// The node's data directory.
        #[arg(long, default_value = "/var/lib/regent", env = "REGENT_DATA_DIR")]
        data_dir: PathBuf,
    },
    /// Bring the state of another site in.
    #[command(subcommand)]
    Import(ImportCommand),
}

/// Where state is brought in from.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// A database dump of MAAS 3.5 to 3.8, as pg_dump or pg_dumpall writes it.
    MaasDump(ImportArguments),
}

/// A node to be.
#[derive(Debug, Args)]
pub struct Prepare {
    /// Its name, unique in the region.
    #[arg(long)]
    pub name: String,
    /// Where it keeps its data; made if need be.
    #[arg(long, default_value = "/var/lib/regent", env = "REGENT_DATA_DIR")]
    pub data_dir: PathBuf,
    /// Where it listens for the HTTP API.
    #[arg(long, default_value = "127.0.0.1:7440")]
    pub listen_api: SocketAddr,
    /// Where it listens for other region nodes.
    #[arg(long, default_value = "127.0.0.1:7441")]
    pub listen_peer: SocketAddr,
    /// Where clients reach the API, HOST:PORT, if not at the address it listens on.
    #[arg(long)]
    pub advertise_api: Option<String>,
    /// Where other region nodes reach it, HOST:PORT, if not at the address it listens on.
    #[arg(long)]
    pub advertise_peer: Option<String>,
    /// Voters the region wants: 1, 3 or 5.
    #[arg(long)]
    pub voters: Option<usize>,
    /// Milliseconds a new node must keep up before it votes.
    #[arg(long, hide = true)]
    pub promote_after_ms: Option<u64>,
    /// Applied entries between two snapshots.
    #[arg(long, hide = true)]
    pub snapshot_entries: Option<u64>,
    /// Entries kept behind the older snapshot.
    #[arg(long, hide = true)]
    pub entries_kept: Option<u64>,
    /// Listen beyond this host although nobody is asked who he is.
    #[arg(long)]
    pub insecure_no_auth: bool,
}
