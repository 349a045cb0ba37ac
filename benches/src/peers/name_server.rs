//! Knot and BIND, each with one worker, serving the names of a site from zone files.

use crate::process::{Process, installed};
use crate::site::names;
use anyhow::Context as _;
use regent_jepsen::cluster::place::free_ports;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A name server we know how to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Knot DNS.
    Knot,
    /// BIND 9.
    Bind,
}

/// A running name server.
pub struct NameServer {
    /// Its port for questions.
    pub port: u16,
    process: Process,
    // Dropped last: the server reads there.
    _folder: TempDir,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Knot, Self::Bind];

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Knot => "Knot, 1 worker",
            Self::Bind => "BIND, 1 worker",
        }
    }

    fn program(self) -> Option<PathBuf> {
        match self {
            Self::Knot => installed("knotd"),
            Self::Bind => installed("named"),
        }
    }

    fn arguments(self, config: &Path) -> Vec<String> {
        let config = config.display().to_string();
        match self {
            Self::Knot => vec!["-c".into(), config],
            Self::Bind => vec!["-g".into(), "-n".into(), "1".into(), "-c".into(), config],
        }
    }

    fn config(self, folder: &Path, port: u16) -> String {
        let directory = folder.display();
        let zones = names::ZONES.map(|zone| match self {
            Self::Knot => format!("  - domain: {zone}\n    file: {zone}zone\n"),
            Self::Bind => format!("zone \"{zone}\" {{ type primary; file \"{zone}zone\"; }};\n"),
        });
        let zones = zones.concat();
        match self {
            Self::Knot => format!(
                "server:\n  rundir: {directory}\n  listen: 127.0.0.1@{port}\n  udp-workers: 1\n  \
                 tcp-workers: 1\n  background-workers: 1\ndatabase:\n  storage: {directory}\n\
                 template:\n  - id: default\n    storage: {directory}\n    zonefile-load: whole\n\
                 zone:\n{zones}"
            ),
            Self::Bind => format!(
                "options {{ directory \"{directory}\"; listen-on port {port} {{ 127.0.0.1; }}; \
                 listen-on-v6 {{ none; }}; pid-file none; session-keyfile none; recursion no; \
                 notify no; minimal-responses yes; }};\ncontrols {{ }};\n{zones}"
            ),
        }
    }

    /// Starts it with the names of a site of so many machines; `None` if it is not installed.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(self, machines: u32, parent: &Path) -> anyhow::Result<Option<NameServer>> {
        let Some(program) = self.program() else { return Ok(None) };
        let folder = tempfile::Builder::new().prefix("names-").tempdir_in(parent)?;
        for (zone, text) in names::zone_files(machines) {
            std::fs::write(folder.path().join(format!("{zone}zone")), text)?;
        }
        let port =
            *free_ports(1).and_then(|ports| ports.first().copied()).as_ref().context("no port")?;
        let config = folder.path().join("server.conf");
        std::fs::write(&config, self.config(folder.path(), port))?;
        let log = folder.path().join("server.log");
        let process = Process::start(&program, &self.arguments(&config), log)?;
        Ok(Some(NameServer { port, process, _folder: folder }))
    }
}

impl NameServer {
    /// Id of its process.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        self.process.id()
    }

    /// Ends it.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.process.kill().await
    }
}
