//! A region of three nodes on the loopback, and racks of it that serve clients at ports of the loopback: real processes that
//! need neither root nor a network of their own, for what takes many clients or many racks.

use crate::cluster::api::Api;
use crate::cluster::group::Group;
use crate::cluster::node::{ALL_ENTRIES, Settings};
use crate::cluster::place::free_ports;
use crate::lab::process::Process;
use crate::load::pulse::Pulse;
use crate::racks::site::{Executables, PATIENCE};
use anyhow::Context as _;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::time::Instant;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::sleep;

/// Pause between two looks.
const LOOK_PAUSE: std::time::Duration = std::time::Duration::from_millis(100);
/// Where the racks themselves are: in no subnet of the region, so that clients are theirs through relays only.
const RACKS_NETWORK: &str = "10.76.0";
/// The host part of the first rack's address.
const FIRST_RACK: usize = 2;

/// A region on the loopback.
pub struct Region {
    /// Its nodes.
    pub group: Group,
    /// Their API.
    pub api: Api,
    folder: TempDir,
}

/// A rack agent that serves a port of the loopback.
pub struct Rack {
    /// How people call it.
    pub name: String,
    /// Where it hears clients.
    pub dhcp: SocketAddrV4,
    executable: PathBuf,
    config: PathBuf,
    log: PathBuf,
    process: Option<Process>,
}

impl Region {
    /// Starts three nodes, which keep their whole logs, and waits until all vote.
    ///
    /// # Errors
    /// If they do not become one region.
    pub async fn start(executables: &Executables) -> anyhow::Result<Self> {
        let settings = Settings { entries_kept: Some(ALL_ENTRIES), ..Settings::SHIPPED };
        let parent = std::env::temp_dir();
        let (mut group, folder) =
            Group::in_folder_of_its_own(&parent, &executables.regent, settings)?;
        group.start().await.context("the nodes did not come up")?;
        let nodes = group.nodes.iter().map(|node| node.place.api.clone()).collect();
        let api = Api::new(group.http.clone(), nodes);
        Ok(Self { group, api, folder })
    }

    /// Where the nodes answer, `host:port`.
    #[must_use]
    pub fn apis(&self) -> Vec<String> {
        self.group.nodes.iter().map(|node| node.place.api.clone()).collect()
    }

    /// Its folder, which goes with it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Begins to write at a fixed beat, through all nodes in turn.
    ///
    /// # Errors
    /// If what is written to cannot be made.
    pub async fn pulse(&self) -> anyhow::Result<Pulse> {
        let made = self.api.post("/v1/spaces", &json!({ "name": "pulse" })).await?;
        let path = format!("/v1/spaces/{}", made["id"]);
        Ok(Pulse::start(&self.group.http, self.apis(), &path))
    }

    /// A token with which one rack can join.
    ///
    /// # Errors
    /// If the region makes none.
    pub async fn token(&self) -> anyhow::Result<String> {
        let made = self.api.post("/v1/rack-tokens", &json!({})).await?;
        Ok(made["token"].as_str().context("a new token has no text")?.to_owned())
    }

    /// Starts so many racks that have joined, and gives the VLAN to the first two of them.
    ///
    /// # Errors
    /// If they do not come to serve it.
    pub async fn serve(
        &self,
        vlan: u64,
        names: &[&str],
        executable: &Path,
    ) -> anyhow::Result<Vec<Rack>> {
        let ports = free_ports(names.len()).context("there are no free ports")?;
        let (mut racks, mut ids) = (Vec::new(), Vec::new());
        for (number, (name, port)) in names.iter().zip(ports).enumerate() {
            let mut rack = Rack::new(self, name, executable, port, number)?;
            rack.join(&self.token().await?).await?;
            rack.start()?;
            racks.push(rack);
            ids.push(self.api.get(&format!("/v1/controllers/{name}")).await?["id"].clone());
        }
        let service =
            json!({ "primary_rack": ids.first(), "secondary_rack": ids.get(1), "dhcp_on": true });
        self.api.patch(&format!("/v1/vlans/{vlan}"), &service).await?;
        let until = Instant::now() + PATIENCE;
        while !self.serves(names).await? {
            let said = || racks.iter().map(Rack::said).collect::<Vec<_>>().join("\n");
            anyhow::ensure!(Instant::now() < until, "the racks do not serve: {}", said());
            sleep(LOOK_PAUSE).await;
        }
        Ok(racks)
    }

    async fn serves(&self, names: &[&str]) -> anyhow::Result<bool> {
        let told = self.api.get("/v1/racks").await?;
        let live = |rack: &Value| rack["connected"] == true && rack["vlans_live"] == 1;
        let racks = told["items"].as_array().context("no list of racks")?;
        Ok(racks.len() == names.len() && racks.iter().all(live))
    }
}

impl Rack {
    fn new(
        region: &Region,
        name: &str,
        executable: &Path,
        port: u16,
        number: usize,
    ) -> anyhow::Result<Self> {
        let dhcp = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
        let file = |end: &str| region.folder().join(format!("{name}.{end}"));
        let (config, log) = (file("toml"), file("log"));
        let address = format!("{RACKS_NETWORK}.{}/24", FIRST_RACK + number);
        let settings = format!(
            "regions = {:?}\nstate_dir = {:?}\n[test]\nlisten = \"{dhcp}\"\naddresses = [{address:?}]\n",
            region.apis(),
            file("state")
        );
        std::fs::write(&config, settings)?;
        let (name, executable) = (name.to_owned(), executable.to_owned());
        Ok(Self { name, dhcp, executable, config, log, process: None })
    }

    async fn join(&self, token: &str) -> anyhow::Result<()> {
        let mut command = Command::new(&self.executable);
        command.args(["join", token, "--hostname", &self.name, "--config"]).arg(&self.config);
        let output = command.output().await?;
        let said = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "{} did not join: {said}", self.name);
        Ok(())
    }

    fn start(&mut self) -> anyhow::Result<()> {
        let mut command = Command::new(&self.executable);
        command.args(["run", "--config"]).arg(&self.config);
        self.process = Some(Process::spawn(command, &self.name, &self.log)?);
        Ok(())
    }

    /// Ends it.
    ///
    /// # Errors
    /// If it does not stop as it should.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        match self.process.take() {
            Some(process) => process.stop().await,
            None => Ok(()),
        }
    }

    /// What it wrote.
    #[must_use]
    pub fn said(&self) -> String {
        self.process.as_ref().map(Process::said).unwrap_or_default()
    }
}
