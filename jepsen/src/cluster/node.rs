//! One node as a child process: started, signalled, waited for. Never restarted by itself.

use crate::cluster::place::Place;
use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// What a node gets to stop in order.
const STOP_MAX: Duration = Duration::from_secs(20);
/// Milliseconds a node must keep up before it votes: nobody wants to wait here. All other timers are as shipped.
const PROMOTE_AFTER_MS: u64 = 1;
/// The file that says that a directory was prepared.
const CONFIG_FILE: &str = "region.toml";

/// How the log of a cluster is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Applied entries between two snapshots; as shipped if `None`.
    pub snapshot_entries: Option<u64>,
    /// Entries kept behind the older snapshot; as shipped if `None`.
    pub entries_kept: Option<u64>,
}

impl Retention {
    /// As shipped.
    pub const SHIPPED: Self = Self { snapshot_entries: None, entries_kept: None };
}

/// A node, running or not.
#[derive(Debug)]
pub struct Node {
    /// Where it lives.
    pub place: Place,
    executable: PathBuf,
    retention: Retention,
    child: Option<Child>,
}

impl Node {
    /// A node that does not run yet.
    #[must_use]
    pub fn new(place: Place, executable: &Path, retention: Retention) -> Self {
        Self { place, executable: executable.to_owned(), retention, child: None }
    }

    /// Starts the process: it founds the region, joins it at `founder`, or goes on with what it has.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn start(&mut self, founder: Option<&str>) -> anyhow::Result<()> {
        let place = &self.place;
        let log = File::options().create(true).append(true).open(self.log_file())?;
        let mut command = Command::new(&self.executable);
        for name in ["REGENT_ADDR", "REGENT_OUTPUT", "REGENT_DATA_DIR", "REGENT_LOG_LEVEL"] {
            command.env_remove(name);
        }
        if place.directory.join(CONFIG_FILE).exists() {
            command.arg("region");
        } else {
            match founder {
                None => command.arg("init"),
                Some(peer) => command.args(["join", peer]),
            };
            command.args(["--name", &place.name]);
            command.args(["--listen-api", &place.api, "--listen-peer", &place.peer]);
            command.args(["--promote-after-ms", &PROMOTE_AFTER_MS.to_string()]);
            command.args(["--listen-dns", &place.dns]);
            if let Some(entries) = self.retention.entries_kept {
                command.args(["--entries-kept", &entries.to_string()]);
            }
            if let Some(entries) = self.retention.snapshot_entries {
                command.args(["--snapshot-entries", &entries.to_string()]);
            }
        }
        command.arg("--data-dir").arg(&place.directory);
        command.args(["--die-with-parent", &std::process::id().to_string()]);
        // A group of its own: Ctrl-C is for the harness, which then ends the nodes.
        command.process_group(0).kill_on_drop(true).stdin(Stdio::null());
        command.stdout(log.try_clone()?).stderr(log);
        let child = command.spawn();
        let executable = self.executable.display();
        self.child = Some(child.with_context(|| format!("{executable} cannot be started"))?);
        Ok(())
    }

    /// Whether its process runs, as far as the system knows.
    pub fn runs(&mut self) -> bool {
        let child = self.child.as_mut();
        child.is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// The id of its process, if that was started and not yet waited for.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Sends a signal to the process.
    ///
    /// # Errors
    /// If it does not run.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        // The id is there only until the process was waited for, so it is never that of another one.
        let id = self.process_id().and_then(|id| i32::try_from(id).ok());
        let pid = id.and_then(Pid::from_raw).context("the node does not run")?;
        Ok(kill_process(pid, signal)?)
    }

    /// Kills the process and waits until it is gone. Nothing happens if it does not run.
    ///
    /// # Errors
    /// When the process cannot be waited for.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// Asks the process to stop and waits until it has.
    ///
    /// # Errors
    /// If it does not run, or does not stop in time.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.signal(Signal::TERM)?;
        let child = self.child.as_mut().context("the node does not run")?;
        let name = &self.place.name;
        let ended = timeout(STOP_MAX, child.wait()).await;
        let status =
            ended.with_context(|| format!("{name} did not stop within {STOP_MAX:?}"))??;
        self.child = None;
        anyhow::ensure!(status.success(), "{name} ended with {status}");
        Ok(())
    }

    /// Where its log lines go.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.place.directory.with_extension("log")
    }

    /// The folder of its snapshots.
    #[must_use]
    pub fn snapshots(&self) -> PathBuf {
        self.place.directory.join("snapshots")
    }
}
