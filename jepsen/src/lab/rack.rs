//! A rack agent on a machine of the lab: one cable to the management network, one to the network it serves.

use crate::lab::lan::{Cable, Lan};
use crate::lab::namespace::Namespace;
use crate::lab::process::Process;
use anyhow::Context as _;
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Where the kernel says which boot it is.
pub const BOOT_ID_FILE: &str = "/proc/sys/kernel/random/boot_id";
/// How long a machine has been up when its agent starts after another boot.
const UP: u64 = 30;

/// A rack.
pub struct Rack {
    /// Its name.
    pub name: String,
    /// The machine.
    pub machine: Namespace,
    /// Its cable to the management network.
    pub to_region: Cable,
    /// Its cable to the network it serves.
    pub to_clients: Cable,
    /// Its address there.
    pub served: String,
    executable: PathBuf,
    folder: PathBuf,
    /// By how many seconds its clocks are behind those of the host; none before it booted anew.
    behind_secs: Option<u64>,
    process: Option<Process>,
}

impl Rack {
    /// A machine that is no rack yet, with these addresses (`10.99.0.21/24`) on the two networks.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new(
        name: &str,
        executable: &Path,
        (management, address): (&Lan, &str),
        (clients, served): (&Lan, &str),
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let machine = management.machine(name)?;
        let to_region = management.connect(&machine, "eth0", Some(address))?;
        let to_clients = clients.connect(&machine, "eth1", Some(served))?;
        let folder = folder.join(name);
        fs::create_dir_all(&folder)?;
        let state = folder.join("state");
        let config = format!("insecure_no_auth = true\nstate_dir = '{}'\n", state.display());
        fs::write(folder.join("rack.toml"), config)?;
        let (name, executable) = (name.to_owned(), executable.to_owned());
        let served = served.split('/').next().unwrap_or_default().to_owned();
        let (behind_secs, process) = (None, None);
        Ok(Self {
            name,
            machine,
            to_region,
            to_clients,
            served,
            executable,
            folder,
            behind_secs,
            process,
        })
    }

    /// Makes it a rack of the region that gave the token.
    ///
    /// # Errors
    /// If the region does not take it.
    pub fn join(&self, token: &str) -> anyhow::Result<()> {
        let (program, config) = (self.executable.display(), self.config());
        let name = &self.name;
        self.machine
            .run(&format!("{program} join {token} --hostname {name} --config {config}"))
            .map(drop)
    }

    /// Adds to its configuration.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn configure(&self, more: &str) -> anyhow::Result<()> {
        let before = fs::read_to_string(self.config())?;
        Ok(fs::write(self.config(), format!("{before}{more}"))?)
    }

    /// The id of its agent; none if that does not run.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.process.as_ref().and_then(Process::id)
    }

    /// Whether its agent runs.
    pub fn runs(&mut self) -> bool {
        self.process.as_mut().is_some_and(Process::runs)
    }

    /// Starts the agent.
    ///
    /// # Errors
    /// If its process cannot be started.
    pub fn start(&mut self) -> anyhow::Result<()> {
        let (config, log) = (self.config(), self.folder.join("log"));
        let run = ["run", "--config", &config];
        self.process = Some(match self.behind_secs {
            None => Process::start(&self.machine, &self.executable, run, &log)?,
            Some(behind) => {
                let (behind, program) =
                    (format!("-{behind}"), self.executable.display().to_string());
                let clocks = ["--time", "--boottime", &behind, "--monotonic", &behind];
                let whose = ["--fork", "--kill-child", &program];
                let all = clocks.into_iter().chain(whose).chain(run);
                Process::start(&self.machine, Path::new("unshare"), all, &log)?
            }
        });
        Ok(())
    }

    /// Its machine boots anew: from the next start of its agent on, its clocks begin at zero (`time_namespaces(7)`). What
    /// the kernel calls the boot is the caller's affair.
    ///
    /// # Errors
    /// If the host does not say how long it is up.
    pub fn boot_anew(&mut self) -> anyhow::Result<()> {
        let up = fs::read_to_string("/proc/uptime")?;
        let seconds = up.split('.').next().and_then(|seconds| seconds.parse::<u64>().ok());
        self.behind_secs = Some(seconds.context(up)?.saturating_sub(UP));
        Ok(())
    }

    /// Kills the agent.
    ///
    /// # Errors
    /// If it cannot be waited for.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        match self.process.take() {
            Some(process) => process.kill().await,
            None => Ok(()),
        }
    }

    /// Sends the agent a signal.
    ///
    /// # Errors
    /// If it does not run.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        self.process.as_ref().context("the agent does not run")?.signal(signal)
    }

    /// Takes its disk away. It must not run.
    ///
    /// # Errors
    /// If that cannot be removed.
    pub fn lose_disk(&self) -> anyhow::Result<()> {
        Ok(fs::remove_dir_all(self.folder.join("state"))?)
    }

    /// How the agent says it is.
    ///
    /// # Errors
    /// If it does not say.
    pub fn status(&self) -> anyhow::Result<Value> {
        let (program, config) = (self.executable.display(), self.config());
        let said = self.machine.run(&format!("{program} status -o json --config {config}"))?;
        serde_json::from_str(&said).with_context(|| format!("the status is {said:?}"))
    }

    /// What the agent wrote.
    #[must_use]
    pub fn said(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn config(&self) -> String {
        self.folder.join("rack.toml").display().to_string()
    }
}
