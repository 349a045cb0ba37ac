//! One node of a dev cluster, a process of its own.

use crate::cli::dev_record::DevNode;
use crate::config::CONFIG_FILE;
use crate::dev::process::Process;

/// Milliseconds a node of a dev cluster must keep up before it votes: nobody wants to wait here.
const PROMOTE_AFTER_MS: u64 = 1;

/// A node, running or not.
#[derive(Debug)]
pub struct Node {
    /// Where it lives.
    pub place: DevNode,
    /// Its process.
    pub process: Process,
}

impl Node {
    /// A node that does not run yet.
    #[must_use]
    pub fn new(place: DevNode) -> Self {
        let process = Process::new(&place.name, &place.directory);
        Self { place, process }
    }

    /// What others are told of it.
    #[must_use]
    pub fn record(&self) -> DevNode {
        DevNode { pid: self.process.pid(), ..self.place.clone() }
    }

    /// Starts the process: it founds the region, joins it at `founder`, or goes on with what it has.
    ///
    /// # Errors
    /// When the process runs already, or cannot be started.
    pub fn start(&mut self, founder: Option<&String>, voters: u16) -> anyhow::Result<()> {
        let place = &self.place;
        self.process.start(|command| {
            if place.directory.join(CONFIG_FILE).exists() {
                command.arg("region");
            } else {
                match founder {
                    None => command.arg("init"),
                    Some(peer) => command.args(["join", peer]),
                };
                command.args(["--name", &place.name, "--listen-api", &place.api]);
                command.args(["--listen-peer", &place.peer, "--listen-dns", &place.dns]);
                command.args(["--voters", &voters.to_string()]);
                command.args(["--promote-after-ms", &PROMOTE_AFTER_MS.to_string()]);
            }
            command.arg("--data-dir").arg(&place.directory);
        })
    }
}
