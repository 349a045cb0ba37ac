//! A machine without anything but a network of its own.

use crate::lab::tool::run;
use anyhow::Context as _;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use tokio::process::Command;

/// What the names of all our namespaces begin with.
const PREFIX: &str = "regent-";
/// Where `ip` keeps them.
const FOLDER: &str = "/run/netns";

/// A network namespace. Goes when it is dropped; processes in it have to be ended by whoever started them.
#[derive(Debug)]
pub struct Namespace {
    name: String,
    view: View,
}

/// What programs on a machine see of the file systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// A copy of what is mounted as they start, with a `/sys` of their own.
    Own,
    /// What we see. A copy would keep a disk alive that is to lose power. They end when the thread ends that started them.
    Ours,
}

impl Namespace {
    /// A new one, with a loopback interface that is up.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new(label: &str) -> anyhow::Result<Self> {
        Self::with_view(label, View::Own)
    }

    /// The same, whose programs have such a view.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn with_view(label: &str, view: View) -> anyhow::Result<Self> {
        let namespace = Self { name: format!("{PREFIX}{}-{label}", std::process::id()), view };
        run(&format!("ip netns add {}", namespace.name))?;
        run(&format!("ip -n {} link set lo up", namespace.name))?;
        Ok(namespace)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its file, for `nsenter`.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        Path::new(FOLDER).join(&self.name)
    }

    /// Has this thread, and those it starts from now on, be on this machine.
    ///
    /// # Errors
    /// If there is no such namespace any more.
    pub fn move_here(&self) -> anyhow::Result<()> {
        let place = File::open(self.path()).context(self.name.clone())?;
        Ok(move_into_link_name_space(place.as_fd(), Some(LinkNameSpaceType::Network))?)
    }

    /// A program that is to run in it.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut words = self.entrance().into_iter();
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).arg(program);
        command
    }

    /// Runs a command line in it to its end.
    ///
    /// # Errors
    /// If that fails.
    pub fn run(&self, line: &str) -> anyhow::Result<String> {
        run(&format!("{} {line}", self.entrance().join(" ")))
    }

    /// What stands before a program that is to run in it.
    fn entrance(&self) -> Vec<String> {
        let words = match self.view {
            View::Own => format!("ip netns exec {}", self.name),
            View::Ours => {
                format!("setpriv --pdeathsig KILL nsenter --net={}", self.path().display())
            }
        };
        words.split(' ').map(str::to_owned).collect()
    }

    /// The hardware address of an interface, as `02:00:00:00:00:01`.
    ///
    /// # Errors
    /// If it has none.
    pub fn mac(&self, interface: &str) -> anyhow::Result<String> {
        let said = self.run(&format!("ip -o link show dev {interface}"))?;
        let mut words = said.split_whitespace().skip_while(|word| *word != "link/ether");
        Ok(words.nth(1).context("no hardware address")?.to_owned())
    }

    /// Does something on a thread of its own whose sockets are this machine's.
    ///
    /// # Errors
    /// If there is no such namespace any more.
    pub fn within<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<JoinHandle<anyhow::Result<T>>> {
        within(&self.path(), work)
    }
}

/// Does something on a thread of its own whose sockets are those of the network namespace with this file.
///
/// # Errors
/// If there is no such namespace.
pub fn within<T: Send + 'static>(
    network: &Path,
    work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<JoinHandle<anyhow::Result<T>>> {
    let place = File::open(network).with_context(|| network.display().to_string())?;
    Ok(thread::spawn(move || {
        move_into_link_name_space(place.as_fd(), Some(LinkNameSpaceType::Network))?;
        work()
    }))
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next run.
        drop(run(&format!("ip netns del {}", self.name)));
    }
}

/// Removes the namespaces of processes that are no more, and ends what runs in them.
///
/// # Errors
/// If namespaces cannot be listed.
pub fn remove_leftovers() -> anyhow::Result<()> {
    for line in run("ip netns list")?.lines() {
        let name = line.split_whitespace().next().unwrap_or_default();
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.split_once('-'));
        let Some(owner) = owner.and_then(|(id, _)| id.parse::<u32>().ok()) else { continue };
        if !Path::new(&format!("/proc/{owner}")).exists() {
            for id in run(&format!("ip netns pids {name}"))?.lines() {
                // It may have ended by itself.
                drop(run(&format!("kill -9 {id}")));
            }
            run(&format!("ip netns del {name}"))?;
        }
    }
    Ok(())
}
