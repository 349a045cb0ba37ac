//! What can be typed.

use crate::cli::dev_arguments::DevArguments;
use crate::cli::import_arguments::{ImportArguments, LeaseFiles};
use crate::cli::noun_arguments::Write;
use crate::cli::output::OutputFormat;
use crate::cli::token_arguments::TokenCommand;
use crate::duration;
use crate::telemetry::LogFormat;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use regent_core::model::member::{NameError, check_name};
use regent_core::version::VERSION;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Regent keeps the state of a bare-metal region: machines, networks, leases and DNS, on three nodes or five.
#[derive(Debug, Parser)]
#[command(name = "regent", version = VERSION, propagate_version = true)]
pub struct Arguments {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// What data looks like.
    #[arg(long, short, global = true, value_enum, default_value_t, env = "REGENT_OUTPUT")]
    pub output: OutputFormat,
    /// Nodes of the region, HOST:PORT,…; any of them will do [default: 127.0.0.1:7440].
    #[arg(long, global = true, value_delimiter = ',', env = "REGENT_ADDR")]
    pub addr: Vec<String>,
    /// How long nodes are asked before the command gives up.
    #[arg(long, global = true, default_value = "10s", value_parser = duration::parse)]
    pub timeout: Duration,
    /// How much is logged.
    #[arg(long, global = true, default_value = "info", env = "REGENT_LOG_LEVEL")]
    #[arg(value_parser = ["error", "warn", "info", "debug", "trace"])]
    pub log_level: String,
    /// What log lines look like.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub log_format: LogFormat,
    /// End when the process with this id, which started this one, ends.
    #[arg(long, global = true, hide = true)]
    pub die_with_parent: Option<u32>,
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
    /// Run a whole region on this machine, to try things out.
    Dev(DevArguments),
    /// Show how the region is, on one screen.
    Status {
        /// Say it in one line and in the exit code: 0 healthy, 8 not.
        #[arg(long)]
        check: bool,
    },
    /// The region's own nodes.
    #[command(subcommand)]
    Node(NodeCommand),
    /// How racks are.
    #[command(subcommand)]
    Rack(RackVerb),
    /// Tokens by which machines become a part of the region.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Do several changes as one, all or none.
    Txn(Transaction),
    /// Follow every change as it happens.
    Watch(Watch),
    /// Send any request.
    Api(RawRequest),
    /// The configuration file of a node.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Tell what an error code means, such as E0101, and what to do.
    Explain {
        /// The code, or the name behind /problems/; all of them are listed without.
        code: Option<String>,
    },
    /// Print what makes a shell complete this program's commands.
    Completion {
        /// Which shell.
        #[arg(value_enum)]
        shell: Shell,
    },
    /// Print the version.
    Version,
    /// Bring the state of another site in.
    #[command(subcommand)]
    Import(ImportCommand),
}

/// What is asked about racks.
#[derive(Debug, Subcommand)]
pub enum RackVerb {
    /// List those that enrolled.
    Ls,
    /// Show one, with the VLANs it serves.
    Show {
        /// Its name, system id or number.
        rack: String,
    },
    /// Remove one for good: its VLANs are left to their other racks, its key is good no more.
    Remove(RackRemoval),
}

/// The rack that is to go.
#[derive(Debug, Args)]
pub struct RackRemoval {
    /// Its name, system id or number.
    pub rack: String,
    /// Do not ask first.
    #[arg(long, short)]
    pub yes: bool,
    /// The write.
    #[command(flatten)]
    pub write: Write,
}

/// Where state is brought in from.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// A database dump of MAAS 3.5 to 3.8, as pg_dump or pg_dumpall writes it.
    MaasDump(ImportArguments),
    /// Leases of ISC dhcpd: its dhcpd.leases, of both servers if they are a failover pair.
    IscLeases(LeaseFiles),
    /// Leases of Kea: its kea-leases4.csv, with .1 and .2 or .completed beside it.
    KeaLeases(LeaseFiles),
    /// List the import under way and the last that came to its end.
    Ls,
    /// End the import under way; what it brought so far is dropped, and the region takes other writes again.
    Abandon {
        /// Its name, if only that one is meant.
        id: Option<String>,
    },
}

/// What is done to the region's nodes.
#[derive(Debug, Subcommand)]
pub enum NodeCommand {
    /// List them.
    Ls,
    /// Show one.
    Show {
        /// Its name or number.
        node: String,
    },
    /// Make a learner vote now instead of when it has kept up long enough.
    Promote {
        /// Its name or number.
        node: String,
        /// Even if it lags, a voter does not answer, or the number of voters becomes even.
        #[arg(long)]
        force: bool,
    },
    /// Remove one for good.
    Remove {
        /// Its name or number.
        node: String,
        /// Even if too few healthy voters would be left.
        #[arg(long)]
        force: bool,
    },
}

/// Several changes as one.
#[derive(Debug, Args)]
#[command(after_help = TXN_EXAMPLE)]
pub struct Transaction {
    /// A file with the conditions and steps, JSON; - for standard input.
    pub file: String,
    /// The write.
    #[command(flatten)]
    pub write: Write,
}

const TXN_EXAMPLE: &str = r#"Example:
  regent txn - <<'END'
  { "if":   [ { "path": "/v1/subnets/10.7.0.0/24", "exists": true } ],
    "then": [ { "op": "allocate", "path": "/v1/subnets/10.7.0.0/24", "body": {} },
              { "op": "create", "path": "/v1/dns-resources",
                "body": { "name": "www", "domain": 0, "addresses": [ "$0.id" ] } } ] }
  END"#;

/// Following changes.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  regent watch\n  regent watch --topics machines,subnets -o json"
)]
pub struct Watch {
    /// Only these kinds of objects, as in the API's paths: machines,subnets,….
    #[arg(long, value_name = "TOPIC,…")]
    pub topics: Option<String>,
    /// Begin behind this revision, or behind the `id` of a message [default: now].
    #[arg(long, value_name = "REVISION")]
    pub after: Option<String>,
    /// With every change the object as it is then; shown with -o json and yaml.
    #[arg(long)]
    pub objects: bool,
    /// End after so many revisions.
    #[arg(long)]
    pub limit: Option<u64>,
}

/// A request.
#[derive(Debug, Args)]
pub struct RawRequest {
    /// GET, POST, PATCH, DELETE.
    pub method: String,
    /// From the first slash on: /v1/machines?limit=5.
    pub path: String,
    /// The body: JSON, @FILE, or - for standard input.
    #[arg(long, short)]
    pub data: Option<String>,
    /// A header, NAME: VALUE.
    #[arg(long, short = 'H')]
    pub header: Vec<String>,
    /// A write.
    #[command(flatten)]
    pub write: Write,
}

/// What is done with a configuration file.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say whether a node would start with it.
    Check(ConfigFile),
    /// Show what it says.
    Show(ConfigFile),
}

/// A configuration file.
#[derive(Debug, Args)]
pub struct ConfigFile {
    /// The file.
    #[arg(default_value = "/var/lib/regent/region.toml")]
    pub file: PathBuf,
}

/// A node to be.
#[derive(Debug, Args)]
pub struct Prepare {
    /// Its name, unique in the region: letters, digits and hyphens, but not digits alone.
    #[arg(long, value_parser = node_name)]
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
    /// Where it answers DNS questions, over UDP and TCP; may be given several times.
    #[arg(long)]
    pub listen_dns: Vec<SocketAddr>,
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
    /// Bytes of entries kept behind the older snapshot, also if fewer entries are kept then.
    #[arg(long, hide = true)]
    pub log_bytes_kept: Option<u64>,
    /// Listen beyond this host although nobody is asked who he is.
    #[arg(long)]
    pub insecure_no_auth: bool,
}

fn node_name(text: &str) -> Result<String, NameError> {
    check_name(text).map(|()| text.to_owned())
}
