//! Three members of etcd, durable as shipped: a put is answered when a majority has it on disk.

use crate::load::connection::Connection;
use crate::process::{Process, installed};
use anyhow::Context as _;
use regent_jepsen::cluster::place::{NODES, free_ports};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::time::sleep;

/// What the members may take to find each other.
const PATIENCE: Duration = Duration::from_secs(30);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// A running cluster.
pub struct Etcd {
    /// Where clients are taken, `host:port`.
    pub hosts: Vec<String>,
    members: Vec<Process>,
    // Dropped last: the members write there.
    _folder: TempDir,
}

impl Etcd {
    /// Starts a cluster in a folder of its own below `parent`; `None` if etcd is not installed.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start(parent: &Path) -> anyhow::Result<Option<Self>> {
        let Some(program) = installed("etcd") else { return Ok(None) };
        let folder = tempfile::Builder::new().prefix("etcd-").tempdir_in(parent)?;
        let ports = free_ports(2 * NODES).context("there are no free ports")?;
        let urls: Vec<_> = ports.iter().map(|port| format!("http://127.0.0.1:{port}")).collect();
        let (clients, peers) = urls.split_at(NODES);
        let named: Vec<_> =
            peers.iter().enumerate().map(|(number, url)| format!("e{number}={url}")).collect();
        let mut members = Vec::with_capacity(NODES);
        for (number, (client, peer)) in clients.iter().zip(peers).enumerate() {
            let directory = folder.path().join(format!("e{number}"));
            let pairs = [
                ("--name", format!("e{number}")),
                ("--data-dir", directory.display().to_string()),
                ("--listen-client-urls", client.clone()),
                ("--advertise-client-urls", client.clone()),
                ("--listen-peer-urls", peer.clone()),
                ("--initial-advertise-peer-urls", peer.clone()),
                ("--initial-cluster", named.join(",")),
                ("--initial-cluster-state", "new".to_owned()),
            ];
            let arguments: Vec<_> =
                pairs.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect();
            let log = directory.with_extension("log");
            members.push(Process::start(&program, &arguments, log)?);
        }
        let hosts = clients.iter().map(|url| url.replace("http://", "")).collect();
        let etcd = Self { hosts, members, _folder: folder };
        etcd.healthy().await?;
        Ok(Some(etcd))
    }

    /// Where the leader takes clients, `host:port`.
    ///
    /// # Errors
    /// When no member says that it leads.
    pub async fn leader(&self) -> anyhow::Result<String> {
        for host in &self.hosts {
            let mut connection = Connection::new(host.clone());
            let request = format!(
                "POST /v3/maintenance/status HTTP/1.1\r\nhost: {host}\r\ncontent-length: 2\r\n\r\n{{}}"
            );
            let answer = connection.ask_for_body(request.as_bytes()).await?;
            let status: Value = serde_json::from_slice(answer)?;
            let own = status.pointer("/header/member_id");
            if own.is_some() && own == status.get("leader") {
                return Ok(host.clone());
            }
        }
        anyhow::bail!("no member of etcd leads")
    }

    /// Ids of its processes.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        self.members.iter().filter_map(Process::id).collect()
    }

    /// Ends it.
    ///
    /// # Errors
    /// When a member cannot be waited for.
    pub async fn stop(self) -> anyhow::Result<()> {
        for member in self.members {
            member.kill().await?;
        }
        Ok(())
    }

    async fn healthy(&self) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        for host in &self.hosts {
            let mut connection = Connection::new(host.clone());
            let request = format!("GET /health HTTP/1.1\r\nhost: {host}\r\n\r\n");
            while !matches!(connection.ask(request.as_bytes()).await, Ok(200)) {
                anyhow::ensure!(Instant::now() < until, "etcd is not healthy after {PATIENCE:?}");
                sleep(LOOK_PAUSE).await;
            }
        }
        Ok(())
    }
}
