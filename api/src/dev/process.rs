//! One child process of a dev cluster: started, signalled, waited for. Never restarted by itself.

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use tokio::process::{Child, Command};

/// Bytes of a log that are shown when its process fails.
const LOG_TAIL_BYTES: usize = 1500;
/// Settings of the terminal's user are for commands, not for these processes.
const SETTINGS: [&str; 4] = ["REGENT_ADDR", "REGENT_OUTPUT", "REGENT_DATA_DIR", "REGENT_LOG_LEVEL"];

/// A process, running or not.
#[derive(Debug)]
pub struct Process {
    /// What people call it.
    pub name: String,
    /// Where its log goes.
    pub log_file: PathBuf,
    child: Option<Child>,
}

impl Process {
    /// A process that does not run yet, whose log goes beside its folder.
    #[must_use]
    pub fn new(name: &str, folder: &Path) -> Self {
        Self { name: name.to_owned(), log_file: folder.with_extension("log"), child: None }
    }

    /// Whether it runs, as far as is known.
    #[must_use]
    pub const fn runs(&self) -> bool {
        self.child.is_some()
    }

    /// Its id, if it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Starts this executable, with arguments that `dress` adds. It dies with us.
    ///
    /// # Errors
    /// When it runs already, or cannot be started.
    pub fn start(&mut self, dress: impl FnOnce(&mut Command)) -> anyhow::Result<()> {
        anyhow::ensure!(!self.runs(), "{} runs already", self.name);
        let log = File::options().create(true).append(true).open(&self.log_file);
        let log = log.with_context(|| format!("the log of {} cannot be opened", self.name))?;
        let mut command = Command::new(std::env::current_exe()?);
        for setting in SETTINGS {
            command.env_remove(setting);
        }
        dress(&mut command);
        command.args(["--die-with-parent", &std::process::id().to_string()]);
        // A group of its own: Ctrl-C is for the supervisor, which then stops the others.
        command.process_group(0).kill_on_drop(true).stdin(Stdio::null());
        command.stdout(log.try_clone()?).stderr(log);
        let child = command.spawn();
        self.child = Some(child.with_context(|| format!("{} cannot be started", self.name))?);
        Ok(())
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// If it does not run.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        // The id is there only until the process was waited for, so it is never that of another one.
        let pid = self.pid().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| io::Error::other("it does not run"))?;
        Ok(kill_process(pid, signal)?)
    }

    /// Waits for its end; for ever if it does not run.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn ended(&mut self) -> io::Result<ExitStatus> {
        let Some(child) = &mut self.child else { return std::future::pending().await };
        let status = child.wait().await?;
        self.child = None;
        Ok(status)
    }

    /// The end of its log.
    #[must_use]
    pub fn log_tail(&self) -> String {
        let bytes = std::fs::read(&self.log_file).unwrap_or_default();
        let tail = &bytes[bytes.len().saturating_sub(LOG_TAIL_BYTES)..];
        String::from_utf8_lossy(tail).into_owned()
    }
}
