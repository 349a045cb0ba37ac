//! A region of three nodes on machines of the lab, spoke to by its own command line from one of them.

use crate::cluster::place::NODES;
use crate::lab::lan::{Cable, Lan};
use crate::lab::namespace::Namespace;
use crate::lab::process::Process;
use anyhow::Context as _;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// The management network, on which region and racks speak to each other.
pub const MANAGEMENT: &str = "10.99.0";
const API_PORT: u16 = 7440;
const PEER_PORT: u16 = 7441;
/// What the nodes may take to be one region.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// A region.
pub struct Region {
    executable: PathBuf,
    nodes: Vec<Node>,
}

/// A node of it.
struct Node {
    name: String,
    address: String,
    machine: Namespace,
    cable: Cable,
    directory: PathBuf,
    log: PathBuf,
    process: Option<Process>,
}

impl Region {
    /// Starts three nodes on the management network and waits until all vote.
    ///
    /// # Errors
    /// If they do not become one region.
    pub async fn start(executable: &Path, lan: &Lan, folder: &Path) -> anyhow::Result<Self> {
        let mut region = Self { executable: executable.to_owned(), nodes: Vec::new() };
        for number in 1..=NODES {
            let name = format!("r{number}");
            let address = format!("{MANAGEMENT}.1{number}");
            let machine = Namespace::new(&name)?;
            let cable = lan.connect(&machine, "eth0", Some(&format!("{address}/24")))?;
            let (directory, log) = (folder.join(&name), folder.join(format!("{name}.log")));
            let node = Node { name, address, machine, cable, directory, log, process: None };
            region.nodes.push(node);
            region.start_node(number - 1)?;
            // One joins at a time, and the third makes voters of two.
            let is_member =
                |status: &Value| status["nodes"].as_array().map(Vec::len) == Some(number);
            region.await_status(is_member).await?;
        }
        region.await_status(|status| status["healthy_voters"] == NODES).await?;
        Ok(region)
    }

    /// Starts a node that does not run.
    ///
    /// # Errors
    /// If its process cannot be started.
    pub fn start_node(&mut self, number: usize) -> anyhow::Result<()> {
        let founder = format!("{}:{PEER_PORT}", self.nodes[0].address);
        let node = &mut self.nodes[number];
        let mut command = node.machine.command(&self.executable);
        if node.directory.join("region.toml").exists() {
            command.arg("region");
        } else {
            if number == 0 {
                command.arg("init");
            } else {
                command.args(["join", &founder]);
            }
            let at = |port: u16| format!("{}:{port}", node.address);
            command.args(["--name", &node.name, "--insecure-no-auth"]);
            command.args(["--listen-api", &at(API_PORT), "--listen-peer", &at(PEER_PORT)]);
            command.args(["--listen-dns", &at(53), "--promote-after-ms", "1"]);
        }
        command.arg("--data-dir").arg(&node.directory);
        node.process = Some(Process::spawn(command, &node.name, &node.log)?);
        Ok(())
    }

    /// The API of all nodes, as the command line takes them.
    #[must_use]
    pub fn addresses(&self) -> String {
        let apis = self.nodes.iter().map(|node| format!("{}:{API_PORT}", node.address));
        apis.collect::<Vec<_>>().join(",")
    }

    /// Runs a command of `regent`, its words separated by blanks, against all nodes, and reads the answer.
    ///
    /// # Errors
    /// If it fails.
    pub fn command(&self, line: &str) -> anyhow::Result<Value> {
        self.command_at(line, &self.addresses())
    }

    /// The same, but of one node alone.
    ///
    /// # Errors
    /// If it fails.
    pub fn command_of(&self, number: usize, line: &str) -> anyhow::Result<Value> {
        self.command_at(line, &format!("{}:{API_PORT}", self.nodes[number].address))
    }

    fn command_at(&self, line: &str, addresses: &str) -> anyhow::Result<Value> {
        let machine = &self.nodes[0].machine;
        let program = self.executable.display();
        let said = machine.run(&format!("{program} --addr {addresses} -o json {line}"))?;
        serde_json::from_str(&said).with_context(|| format!("`{line}` said {said:?}"))
    }

    /// Where a node answers DNS.
    #[must_use]
    pub fn dns(&self, number: usize) -> String {
        format!("{}:53", self.nodes[number].address)
    }

    /// The machine of a node.
    #[must_use]
    pub fn machine(&self, number: usize) -> &Namespace {
        &self.nodes[number].machine
    }

    /// The answer of one node to a question about a name (`dig` with these words), without anything around it.
    ///
    /// # Errors
    /// If `dig` fails.
    pub fn dig(&self, number: usize, question: &str) -> anyhow::Result<String> {
        let node = &self.nodes[number];
        let told = node.machine.run(&format!("dig +short @{} {question}", node.address))?;
        Ok(told.trim().to_owned())
    }

    /// Which node leads.
    ///
    /// # Errors
    /// If none does in time.
    pub async fn leader(&self) -> anyhow::Result<usize> {
        let until = Instant::now() + PATIENCE;
        loop {
            let status = self.command("api get /v1/cluster").ok();
            let leader = status.as_ref().and_then(|status| status["leader"].as_u64());
            let named = status.as_ref().zip(leader);
            let named = named.and_then(|(status, leader)| self.numbered(status, leader));
            if let Some(number) = named {
                return Ok(number);
            }
            anyhow::ensure!(Instant::now() < until, "no node leads: {status:?}");
            sleep(LOOK_PAUSE).await;
        }
    }

    /// Which node the region knows by this id.
    ///
    /// # Errors
    /// If it knows none.
    pub fn node_of_id(&self, id: u64) -> anyhow::Result<usize> {
        let status = self.command("api get /v1/cluster")?;
        self.numbered(&status, id).with_context(|| format!("no node is {id}: {status}"))
    }

    /// The ids of its processes.
    #[must_use]
    pub fn process_ids(&self) -> Vec<u32> {
        let processes = self.nodes.iter().filter_map(|node| node.process.as_ref());
        processes.filter_map(Process::id).collect()
    }

    /// Kills a node.
    ///
    /// # Errors
    /// If it cannot be waited for.
    pub async fn kill(&mut self, number: usize) -> anyhow::Result<()> {
        match self.nodes[number].process.take() {
            Some(process) => process.kill().await,
            None => Ok(()),
        }
    }

    /// Kills all nodes.
    ///
    /// # Errors
    /// If one cannot be waited for.
    pub async fn kill_all(&mut self) -> anyhow::Result<()> {
        for number in 0..self.nodes.len() {
            self.kill(number).await?;
        }
        Ok(())
    }

    /// Starts all nodes, none of which runs, and waits until all vote.
    ///
    /// # Errors
    /// If they do not become a region again.
    pub async fn start_all(&mut self) -> anyhow::Result<()> {
        for number in 0..self.nodes.len() {
            self.start_node(number)?;
        }
        self.await_status(|status| status["healthy_voters"] == NODES).await
    }

    /// The cable of a node to the management network.
    #[must_use]
    pub fn cable(&self, number: usize) -> &Cable {
        &self.nodes[number].cable
    }

    /// What the nodes wrote, one after the other.
    #[must_use]
    pub fn said(&self) -> String {
        let said = |node: &Node| node.process.as_ref().map(Process::said).unwrap_or_default();
        self.nodes.iter().map(said).collect::<Vec<_>>().join("\n")
    }

    fn numbered(&self, status: &Value, id: u64) -> Option<usize> {
        let id_of = |node: &Value| node["id"].as_u64().or_else(|| node["node_id"].as_u64());
        let node = status["nodes"].as_array()?.iter().find(|node| id_of(node) == Some(id))?;
        let name = node["name"].as_str()?;
        self.nodes.iter().position(|node| node.name == name)
    }

    async fn await_status(&self, wanted: impl Fn(&Value) -> bool) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        let founder = format!("{}:{API_PORT}", self.nodes[0].address);
        loop {
            let status = self.command_at("api get /v1/cluster", &founder);
            if status.as_ref().is_ok_and(&wanted) {
                return Ok(());
            }
            let late = Instant::now() >= until;
            anyhow::ensure!(!late, "no region yet: {status:?}\n{}", self.said());
            sleep(LOOK_PAUSE).await;
        }
    }
}
