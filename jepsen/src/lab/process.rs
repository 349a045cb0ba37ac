//! A process on a machine of the lab.

use crate::lab::namespace::Namespace;
use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// What a process gets to stop when it is asked to.
const STOP_MAX: Duration = Duration::from_secs(10);

/// A process that runs until it is ended. Killed when it is dropped.
#[derive(Debug)]
pub struct Process {
    name: String,
    log: PathBuf,
    child: Child,
}

impl Process {
    /// Starts a program on a machine. What it writes goes to `log`.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start<'a>(
        machine: &Namespace,
        program: &Path,
        arguments: impl IntoIterator<Item = &'a str>,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let mut command = machine.command(program);
        command.args(arguments);
        Self::spawn(command, &program.display().to_string(), log)
    }

    /// Starts a command. What it writes goes to `log`.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn spawn(mut command: Command, name: &str, log: &Path) -> anyhow::Result<Self> {
        let file = File::options().create(true).append(true).open(log)?;
        // A group of its own, so that what it starts is ended with it.
        command.process_group(0).kill_on_drop(true).stdin(Stdio::null());
        command.stdout(file.try_clone()?).stderr(file);
        let child = command.spawn().with_context(|| format!("{name} cannot be started"))?;
        Ok(Self { name: name.to_owned(), log: log.to_owned(), child })
    }

    /// Whether it runs, as far as the system knows.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Its id; none if it has ended.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// What it wrote.
    #[must_use]
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Sends a signal to it and what it started.
    ///
    /// # Errors
    /// If it has ended.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Ok(kill_process_group(id.with_context(|| format!("{} has ended", self.name))?, signal)?)
    }

    /// Kills it and waits until it is gone.
    ///
    /// # Errors
    /// If it cannot be waited for.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        drop(self.signal(Signal::KILL));
        self.child.wait().await?;
        Ok(())
    }

    /// Asks it to stop and waits until it has.
    ///
    /// # Errors
    /// If it does not stop in time.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.signal(Signal::TERM)?;
        let ended = timeout(STOP_MAX, self.child.wait()).await;
        ended.with_context(|| format!("{} did not stop in {STOP_MAX:?}", self.name))??;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Also what it started; it may have ended by itself.
        drop(self.signal(Signal::KILL));
    }
}
