//! One node of a dev cluster as a child process: started, signalled, waited for. Never restarted by itself.

use crate::cli::dev_record::DevNode;
use crate::config::CONFIG_FILE;
use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use tokio::process::{Child, Command};

/// Milliseconds a node of a dev cluster must keep up before it votes: nobody wants to wait here.
const PROMOTE_AFTER_MS: u64 = 1;

/// Bytes of a node's log that are shown when it fails.
const LOG_TAIL_BYTES: usize = 1500;

/// A node, running or not.
#[derive(Debug)]
pub struct Node {
    /// Where it lives.
    pub place: DevNode,
    child: Option<Child>,
}

impl Node {
    /// A node that does not run yet.
    #[must_use]
    pub const fn new(place: DevNode) -> Self {
        Self { place, child: None }
    }

    /// Whether its process runs, as far as is known.
    #[must_use]
    pub const fn runs(&self) -> bool {
        self.child.is_some()
    }

    /// Starts the process: it founds the region, joins it at `founder`, or goes on with what it has.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn start(&mut self, founder: Option<&String>, voters: u16) -> anyhow::Result<()> {
        let place = &self.place;
        let log = File::options().create(true).append(true).open(self.log_file());
        let log = log.with_context(|| format!("the log of {} cannot be opened", place.name))?;
        let mut command = Command::new(std::env::current_exe()?);
        // Settings of the terminal's user are for commands, not for these nodes.
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
            command.args([
                "--name",
                &place.name,
                "--listen-api",
                &place.api,
                "--listen-peer",
                &place.peer,
                "--listen-dns",
                &place.dns,
            ]);
            command.args(["--voters", &voters.to_string()]);
            command.args(["--promote-after-ms", &PROMOTE_AFTER_MS.to_string()]);
        }
        command.arg("--data-dir").arg(&place.directory);
        command.args(["--die-with-parent", &std::process::id().to_string()]);
        // A group of its own: Ctrl-C is for the supervisor, which then stops the nodes.
        command.process_group(0).kill_on_drop(true).stdin(Stdio::null());
        command.stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().with_context(|| format!("{} cannot be started", place.name))?;
        self.place.pid = child.id();
        self.child = Some(child);
        Ok(())
    }

    /// Sends a signal to the process.
    ///
    /// # Errors
    /// If it does not run.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        // The id is there only until the process was waited for, so it is never that of another one.
        let id = self.child.as_ref().and_then(Child::id).and_then(|id| i32::try_from(id).ok());
        let pid = id.and_then(Pid::from_raw).ok_or_else(|| io::Error::other("it does not run"))?;
        Ok(kill_process(pid, signal)?)
    }

    /// Waits for the end of the process; for ever if it does not run.
    ///
    /// # Errors
    /// When the process cannot be waited for.
    pub async fn ended(&mut self) -> io::Result<ExitStatus> {
        let Some(child) = &mut self.child else { return std::future::pending().await };
        let status = child.wait().await?;
        self.child = None;
        self.place.pid = None;
        Ok(status)
    }

    /// Where its log goes.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.place.directory.with_extension("log")
    }

    /// The end of its log.
    #[must_use]
    pub fn log_tail(&self) -> String {
        let bytes = std::fs::read(self.log_file()).unwrap_or_default();
        let tail = &bytes[bytes.len().saturating_sub(LOG_TAIL_BYTES)..];
        String::from_utf8_lossy(tail).into_owned()
    }
}
