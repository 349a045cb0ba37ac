//! One node as a child process: started, signalled, waited for. Never restarted by itself.

use crate::cluster::place::Place;
use anyhow::Context as _;
use regent_raft::identity::IDENTITY_FILE;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// What a node gets to stop in order.
const STOP_MAX: Duration = Duration::from_secs(20);

/// So many entries are kept that none ever goes: for a judge who wants the whole log.
pub const ALL_ENTRIES: u64 = 1 << 32;
/// More bytes than a run writes.
const ALL_BYTES: u64 = 1 << 50;

/// What differs from the shipped settings. Timers of elections never do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Applied entries between two snapshots; as shipped if `None`.
    pub snapshot_entries: Option<u64>,
    /// Entries kept behind the older snapshot; as shipped if `None`.
    pub entries_kept: Option<u64>,
    /// Milliseconds a node must keep up before it votes.
    pub promote_after_ms: u64,
}

impl Settings {
    /// As shipped, but nobody wants to wait for voters.
    pub const SHIPPED: Self =
        Self { snapshot_entries: None, entries_kept: None, promote_after_ms: 1 };
}

/// The nodes' executable: the one given, or `regent` beside this one.
///
/// # Errors
/// When it is not there.
pub fn executable(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    let path = match given {
        Some(path) => path.to_owned(),
        None => std::env::current_exe()?.with_file_name("regent"),
    };
    let there = path.is_file();
    anyhow::ensure!(there, "{} is not there; --executable names another", path.display());
    Ok(path.canonicalize()?)
}

/// A node, running or not.
#[derive(Debug)]
pub struct Node {
    /// Where it lives.
    pub place: Place,
    executable: PathBuf,
    resume: Resume,
    settings: Settings,
    surroundings: Surroundings,
    child: Option<Child>,
}

/// What is around a node's process that is not around ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The file of its network namespace; ours if `None`.
    pub network: Option<PathBuf>,
    /// Further arguments when it founds or joins.
    pub preparing: Vec<String>,
    /// Variables of its environment.
    pub environment: Vec<(String, String)>,
}

impl Surroundings {
    /// The program, to be run there. Mounts stay ours: a copy of them would keep a disk alive that is to lose power.
    fn command(&self, program: &Path) -> Command {
        let mut command = match &self.network {
            None => Command::new(program),
            Some(network) => {
                let mut command = Command::new("nsenter");
                command.arg(format!("--net={}", network.display())).arg(program);
                command
            }
        };
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// What goes on with a prepared directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The program.
    pub executable: PathBuf,
    /// Its arguments, those that name directory and parent left aside.
    pub arguments: Vec<String>,
}

impl Node {
    /// A node that does not run yet.
    #[must_use]
    pub fn new(place: Place, executable: &Path, settings: Settings) -> Self {
        let executable = executable.to_owned();
        let resume = Resume { executable: executable.clone(), arguments: vec!["region".into()] };
        let surroundings = Surroundings::default();
        Self { place, executable, resume, settings, surroundings, child: None }
    }

    /// Has it run somewhere else, from its next start on.
    pub fn surround(&mut self, surroundings: Surroundings) {
        self.surroundings = surroundings;
    }

    /// Has it run in another way than the others, once it is prepared.
    pub const fn settle(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// Has another program go on with the directory once it is prepared.
    pub fn resume_with(&mut self, resume: Resume) {
        self.resume = resume;
    }

    /// Starts the process: it founds the region, joins it at `founder`, or goes on with what it has.
    ///
    /// # Errors
    /// When the process cannot be started.
    pub fn start(&mut self, founder: Option<&str>) -> anyhow::Result<()> {
        let place = &self.place;
        let log = File::options().create(true).append(true).open(&place.log)?;
        let mut command = if self.is_prepared() {
            let mut command = self.surroundings.command(&self.resume.executable);
            command.args(&self.resume.arguments);
            command
        } else {
            let mut command = self.surroundings.command(&self.executable);
            match founder {
                None => command.arg("init"),
                Some(peer) => command.args(["join", peer]),
            };
            command.args(["--name", &place.name]);
            command.args(["--listen-api", &place.api, "--listen-peer", &place.peer]);
            command.args(["--advertise-peer", &place.reached_at]);
            command.args(["--listen-dns", &place.dns]);
            command.args(["--promote-after-ms", &self.settings.promote_after_ms.to_string()]);
            if let Some(entries) = self.settings.entries_kept {
                command.args(["--entries-kept", &entries.to_string()]);
            }
            if self.settings.entries_kept == Some(ALL_ENTRIES) {
                command.args(["--log-bytes-kept", &ALL_BYTES.to_string()]);
            }
            if let Some(entries) = self.settings.snapshot_entries {
                command.args(["--snapshot-entries", &entries.to_string()]);
            }
            command.args(&self.surroundings.preparing);
            command
        };
        for name in ["REGENT_ADDR", "REGENT_OUTPUT", "REGENT_DATA_DIR", "REGENT_LOG_LEVEL"] {
            command.env_remove(name);
        }
        command.arg("--data-dir").arg(&place.directory);
        command.args(["--die-with-parent", &std::process::id().to_string()]);
        // A group of its own: Ctrl-C is for the harness, which then ends the nodes.
        command.process_group(0).kill_on_drop(true).stdin(Stdio::null());
        command.stdout(log.try_clone()?).stderr(log);
        let child = command.spawn();
        let name = &self.place.name;
        self.child = Some(child.with_context(|| format!("{name} cannot be started"))?);
        Ok(())
    }

    /// Whether its directory holds a node.
    #[must_use]
    pub fn is_prepared(&self) -> bool {
        self.place.directory.join(IDENTITY_FILE).exists()
    }

    /// How its process ended, if it did by itself.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.as_mut().and_then(|child| child.try_wait().ok().flatten())
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

    /// The file its log is in.
    #[must_use]
    pub fn log_on_disk(&self) -> PathBuf {
        self.place.directory.join("log").join("db")
    }

    /// The folder of its snapshots.
    #[must_use]
    pub fn snapshots(&self) -> PathBuf {
        self.place.directory.join("snapshots")
    }
}
