//! Which nodes a command asks: the flag, else the environment, else a running dev cluster, else this host.

use crate::cli::dev_record::DevFolder;

/// The port of a node's API unless configured otherwise.
const DEFAULT_PORT: u16 = 7440;

/// The nodes to ask. `given` is the flag, which clap fills from the environment where it is absent.
///
/// A dev cluster only counts if its first node is what this host's default address means anyway.
#[must_use]
pub fn resolve(given: &[String]) -> Vec<String> {
    if !given.is_empty() {
        return given.to_vec();
    }
    let dev = DevFolder::locate().the_one(Some(DEFAULT_PORT)).ok();
    match dev {
        Some(record) => record.nodes.into_iter().map(|node| node.api).collect(),
        None => vec![format!("127.0.0.1:{DEFAULT_PORT}")],
    }
}
