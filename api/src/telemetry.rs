//! Logs: to standard error, as text for people or JSON for machines.

use clap::ValueEnum;
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// What a log line looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What of openraft is told unless `REGENT_LOG` says otherwise. Three of its modules call an error what is none: a peer's
/// request or an answer that meets a Raft which has just stopped, and a change of the group that meets another one, as when
/// two nodes join at once. All of that is also returned to us, and told by us if it matters. Three more warn of a peer that is
/// down at every heartbeat and every attempt to reach it, some thirty lines a second: `raft`'s region tells that once.
const OPENRAFT: &str = "openraft=warn,openraft::raft::raft_inner=off,\
    openraft::raft::stream_append=off,openraft::raft::api::management=off,\
    openraft::core::heartbeat=error,openraft::replication=error,\
    openraft::engine::handler::replication_handler=error";

/// Starts logging. `REGENT_LOG` overrides `level`, in the syntax of tracing's filters.
pub fn start(level: &str, format: LogFormat) {
    let filter = EnvFilter::try_from_env("REGENT_LOG")
        .unwrap_or_else(|_| EnvFilter::new(format!("{level},{OPENRAFT}")));
    let logger = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => logger.init(),
        LogFormat::Json => logger.json().init(),
    }
}
