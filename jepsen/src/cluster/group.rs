//! All nodes of a cluster: brought up, asked, brought down. Where they live is the caller's.

use crate::cluster::node::{Node, Settings};
use crate::cluster::place::{self, Place};
use crate::cluster::status::{self, Agreement, ClusterStatus};
use anyhow::Context as _;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::time::sleep;

/// What a cluster may take to come up, a node to catch up, all nodes to agree.
const PATIENCE: Duration = Duration::from_secs(60);
/// Prefix of a folder of its own.
const FOLDER_PREFIX: &str = "regent-jepsen-";
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(20);

/// A cluster.
pub struct Group {
    /// Its nodes.
    pub nodes: Vec<Node>,
    /// For questions.
    pub http: reqwest::Client,
}

impl Group {
    /// A cluster of which nothing runs yet, at these places.
    ///
    /// # Errors
    /// When there is no room for a client.
    pub fn prepare(
        places: Vec<Place>,
        executable: &Path,
        settings: Settings,
    ) -> anyhow::Result<Self> {
        let node = |place| Node::new(place, executable, settings);
        let nodes = places.into_iter().map(node).collect();
        Ok(Self { nodes, http: reqwest::Client::builder().no_proxy().build()? })
    }

    /// The same in a folder of its own below `parent`, which goes when it is dropped.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn in_folder_of_its_own(
        parent: &Path,
        executable: &Path,
        settings: Settings,
    ) -> anyhow::Result<(Self, TempDir)> {
        let folder = tempfile::Builder::new().prefix(FOLDER_PREFIX).tempdir_in(parent)?;
        let places = place::choose(folder.path()).context("there are no free ports")?;
        Ok((Self::prepare(places, executable, settings)?, folder))
    }

    /// Starts all nodes and waits until they are one region of voters.
    ///
    /// # Errors
    /// When that does not happen in time.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        self.nodes[0].start(None)?;
        self.ready(0).await?;
        let founder = self.nodes[0].place.peer.clone();
        for number in 1..self.nodes.len() {
            self.nodes[number].start(Some(&founder))?;
            self.ready(number).await?;
        }
        let until = Instant::now() + PATIENCE;
        loop {
            let status = self.status_of(0).await;
            if status.is_some_and(|status| status.healthy_voters == self.nodes.len()) {
                return Ok(());
            }
            self.pause(until, "the nodes did not become one region").await?;
        }
    }

    /// Makes the subnet from which clients take their addresses.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn make_subnet(&self, cidr: &str) -> anyhow::Result<()> {
        let api = format!("http://{}/v1", self.nodes[0].place.api);
        let vlans: Value = self.http.get(format!("{api}/vlans")).send().await?.json().await?;
        let vlan = vlans.pointer("/items/0/id").context("there is no VLAN")?;
        let subnet = json!({ "cidr": cidr, "vlan": vlan });
        let made = self.http.post(format!("{api}/subnets")).json(&subnet).send().await?;
        made.error_for_status().context("the subnet")?;
        Ok(())
    }

    /// Waits until a node says that it is up to date.
    ///
    /// # Errors
    /// When its process ends, or it does not happen in time.
    pub async fn ready(&mut self, number: usize) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        while !status::is_ready(&self.http, &self.nodes[number].place.api).await {
            let node = &mut self.nodes[number];
            anyhow::ensure!(node.runs(), "{} ended: {}", node.place.name, tail(&node.place.log));
            self.pause(until, "a node did not catch up").await?;
        }
        Ok(())
    }

    /// What a node says of the group.
    pub async fn status_of(&self, number: usize) -> Option<ClusterStatus> {
        status::ask(&self.http, &self.nodes[number].place.api).await
    }

    /// The node that leads: of those that say so, the one in the highest term.
    ///
    /// # Errors
    /// When none does in time.
    pub async fn leader(&self) -> anyhow::Result<usize> {
        Ok(self.leading().await?.1)
    }

    /// The highest term in which a node says that it leads, and that node.
    ///
    /// # Errors
    /// When none does in time.
    pub async fn leading(&self) -> anyhow::Result<(u64, usize)> {
        let until = Instant::now() + PATIENCE;
        loop {
            let mut leaders = Vec::new();
            for number in 0..self.nodes.len() {
                let status = self.status_of(number).await.filter(ClusterStatus::leads);
                leaders.extend(status.map(|status| (status.term, number)));
            }
            if let Some(leading) = leaders.into_iter().max() {
                return Ok(leading);
            }
            self.pause(until, "no node leads").await?;
        }
    }

    /// Waits until all nodes are in the same state.
    ///
    /// # Errors
    /// When that does not happen in time: they differ, or one is missing.
    pub async fn agreement(&self) -> anyhow::Result<Agreement> {
        let until = Instant::now() + PATIENCE;
        loop {
            let status = self.status_of(0).await;
            let agreement = status.as_ref().and_then(|status| status.agreement(self.nodes.len()));
            if let Some(agreement) = agreement {
                return Ok(agreement);
            }
            let told = format!("the nodes do not come to one state: {status:?}");
            self.pause(until, &told).await?;
        }
    }

    /// Stops all nodes in order, one after the other.
    ///
    /// # Errors
    /// When one does not stop as it should.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        for node in &mut self.nodes {
            node.stop().await?;
        }
        Ok(())
    }

    /// Ends whatever still runs. Paused processes are killed, too.
    pub async fn end(&mut self) {
        for node in &mut self.nodes {
            // What cannot be waited for dies with this process.
            drop(node.kill().await);
        }
    }

    async fn pause(&self, until: Instant, otherwise: &str) -> anyhow::Result<()> {
        anyhow::ensure!(Instant::now() < until, "{otherwise} within {PATIENCE:?}");
        sleep(LOOK_PAUSE).await;
        Ok(())
    }
}

/// The end of a node's log lines.
#[must_use]
pub fn tail(path: &Path) -> String {
    const TAIL_BYTES: usize = 1500;
    let bytes = std::fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(TAIL_BYTES)..]).into_owned()
}
