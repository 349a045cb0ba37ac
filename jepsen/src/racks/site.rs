//! Where scenarios play: a region of three nodes, two racks on one network of clients, each machine a namespace of its own.

use crate::lab::client::{Client, Kind};
use crate::lab::client_event::ClientEvent;
use crate::lab::hold::{holds, overlaps};
use crate::lab::lan::Lan;
use crate::lab::namespace::remove_leftovers;
use crate::lab::rack::Rack;
use crate::lab::region::{MANAGEMENT, Region};
use crate::racks::findings::Findings;
use anyhow::Context as _;
use serde_json::Value;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::time::sleep;

/// The network of clients, a /24. It has the first subnet.
pub const SERVED: &str = "10.0.0";
/// The VLAN it is.
pub const VLAN: u32 = 5001;
/// The racks, the first of which is the primary one.
pub const RACKS: [&str; 2] = ["east", "west"];
/// Nodes of the region.
pub const NODES: usize = crate::cluster::place::NODES;
/// How long anything may take that has to happen at all.
pub const PATIENCE: Duration = Duration::from_secs(40);
/// The host part of the first rack's address, on each network.
const FIRST_RACK: usize = 2;
/// The last parts of addresses there may be more of, on both sides of those there are at first.
const MORE_ADDRESSES: [(u8, u8); 2] = [(70, 99), (200, 249)];
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// What is run.
#[derive(Clone, Debug)]
pub struct Executables {
    /// As a node.
    pub regent: PathBuf,
    /// As a rack.
    pub rack_agent: PathBuf,
}

/// The place. Goes when it is dropped.
pub struct Site {
    /// The region.
    pub region: Region,
    /// Its racks, as in [`RACKS`].
    pub racks: Vec<Rack>,
    /// The network of clients.
    pub served: Lan,
    /// That of region and racks.
    pub management: Lan,
    folder: TempDir,
}

impl Site {
    /// A region with such settings whose racks serve their clients.
    ///
    /// # Errors
    /// If it cannot be built, or does not come to serve.
    pub async fn start(
        executables: &Executables,
        settings: &[(&str, u32)],
    ) -> anyhow::Result<Self> {
        let site = Self::prepare(executables, settings).await?;
        site.serve().await?;
        Ok(site)
    }

    /// The same, but the racks do not serve yet.
    ///
    /// # Errors
    /// If it cannot be built.
    pub async fn prepare(
        executables: &Executables,
        settings: &[(&str, u32)],
    ) -> anyhow::Result<Self> {
        remove_leftovers()?;
        let folder = tempfile::tempdir()?;
        let (management, served) = (Lan::new("mgmt")?, Lan::new("served")?);
        let region = Region::start(&executables.regent, &management, folder.path()).await?;
        for (name, value) in settings {
            region.command(&format!("setting create name={name} value={value}"))?;
        }
        region.command(&format!(
            "subnet create cidr={SERVED}.0/24 vlan={VLAN} gateway_ip={SERVED}.1"
        ))?;
        let mut site = Self { region, racks: Vec::new(), served, management, folder };
        for (number, name) in RACKS.into_iter().enumerate() {
            site.add_rack(number, name, executables)?;
        }
        Ok(site)
    }

    /// Has both racks serve the clients.
    ///
    /// # Errors
    /// If they do not come to it.
    pub async fn serve(&self) -> anyhow::Result<()> {
        let [east, west] = RACKS;
        self.region.command(&format!(
            "vlan dhcp on {VLAN} --range {SERVED}.100-{SERVED}.199 --rack {east} --rack {west} --wait"
        ))?;
        self.await_live().await
    }

    fn add_rack(&mut self, number: usize, name: &str, run: &Executables) -> anyhow::Result<()> {
        let host = FIRST_RACK + number;
        let (own, served) = (format!("{MANAGEMENT}.2{host}/24"), format!("{SERVED}.{host}/24"));
        let (to_region, to_clients) = ((&self.management, &*own), (&self.served, &*served));
        let folder = self.folder.path();
        let mut rack = Rack::new(name, &run.rack_agent, to_region, to_clients, folder)?;
        rack.join(&self.token("token create rack")?)?;
        rack.start()?;
        self.racks.push(rack);
        Ok(())
    }

    /// Has the racks give more than the hundred addresses there are at first.
    ///
    /// # Errors
    /// If the region refuses.
    pub fn add_addresses(&self) -> anyhow::Result<()> {
        for (first, last) in MORE_ADDRESSES {
            let (start, end) = (format!("{SERVED}.{first}"), format!("{SERVED}.{last}"));
            let range = format!("subnet=1 type=dynamic start_ip={start} end_ip={end}");
            self.region.command(&format!("ip-range create {range}"))?;
        }
        Ok(())
    }

    /// A token that a command makes.
    ///
    /// # Errors
    /// If the region makes none.
    pub fn token(&self, command: &str) -> anyhow::Result<String> {
        let made = self.region.command(command)?;
        Ok(made["token"].as_str().context("no token")?.to_owned())
    }

    /// A machine on the network of clients.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn client(&self, name: &str, kind: Kind) -> anyhow::Result<Client> {
        Client::new(name, kind, &self.served, self.folder.path())
    }

    /// A machine on another network.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn client_on(&self, lan: &Lan, name: &str, kind: Kind) -> anyhow::Result<Client> {
        Client::new(name, kind, lan, self.folder.path())
    }

    /// A file of the place.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Waits until every rack says that it serves every VLAN it should, and the region says so, too.
    ///
    /// # Errors
    /// If they do not in time.
    pub async fn await_live(&self) -> anyhow::Result<()> {
        let all_live = || {
            RACKS.iter().all(|name| {
                let shown = self.region.command(&format!("rack show {name}"));
                shown.is_ok_and(|rack| is_live(&rack))
            })
        };
        let said = || {
            let said = self.racks.iter().map(|rack| format!("{}: {}", rack.name, rack.said()));
            said.collect::<Vec<_>>().join("\n")
        };
        self.await_that("both racks serve", all_live).await.with_context(said)
    }

    /// Waits until something is so.
    ///
    /// # Errors
    /// If it is not in time.
    pub async fn await_that(&self, what: &str, is_so: impl Fn() -> bool) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        while !is_so() {
            anyhow::ensure!(Instant::now() < until, "not within {PATIENCE:?}: {what}");
            sleep(LOOK_PAUSE).await;
        }
        Ok(())
    }

    /// Waits until both racks have been told of what a command did, by its answer.
    ///
    /// # Errors
    /// If they have not in time.
    pub async fn await_told(&self, what: &str, answer: &Value) -> anyhow::Result<()> {
        let revision = answer["revision"].as_u64().context("no revision")?;
        let is_told = || {
            let mut told = self.racks.iter().map(|rack| rack.status().ok()?["revision"].as_u64());
            told.all(|told| told >= Some(revision))
        };
        self.await_that(what, is_told).await
    }

    /// The rack whose answer a client got.
    ///
    /// # Errors
    /// If it was no rack's.
    pub fn rack_of(&self, event: &ClientEvent) -> anyhow::Result<usize> {
        let server = event.server.with_context(|| format!("nobody's answer: {event:?}"))?;
        self.rack_at(server)
    }

    /// The rack that has an address on the network of clients.
    ///
    /// # Errors
    /// If none has.
    pub fn rack_at(&self, address: Ipv4Addr) -> anyhow::Result<usize> {
        let has = |rack: &Rack| rack.served == address.to_string();
        self.racks.iter().position(has).with_context(|| format!("no rack is {address}"))
    }

    /// The node a rack is connected to.
    ///
    /// # Errors
    /// If it is connected to none.
    pub fn node_of(&self, rack: usize) -> anyhow::Result<usize> {
        let shown = self.region.command(&format!("rack show {}", self.racks[rack].name))?;
        let id = shown["node"].as_u64().with_context(|| format!("no node: {shown}"))?;
        self.region.node_of_id(id)
    }

    /// The lease an event tells of, as the region has it; null if it has none.
    #[must_use]
    pub fn lease_of(&self, event: &ClientEvent) -> Value {
        let Some(address) = event.address else { return Value::Null };
        self.region.command(&format!("lease show {address}")).unwrap_or(Value::Null)
    }
}

/// Whether the region knows a lease as one that its client has.
#[must_use]
pub fn is_bound(lease: &Value) -> bool {
    lease["state"] == "bound"
}

/// Fails if two clients had one address at the same time, by what they themselves saw.
///
/// # Errors
/// If what they saw cannot be read.
pub fn check_holds(clients: &[Client], findings: &mut Findings) -> anyhow::Result<()> {
    let mut all = Vec::new();
    for client in clients {
        all.extend(holds(&client.name, &client.events()?));
    }
    let number = all.len();
    let found = overlaps(all);
    findings.tell(format!("{number} holds of {} clients, {} overlap", clients.len(), found.len()));
    findings.check(found.is_empty(), || format!("two had one address: {found:?}"));
    Ok(())
}

fn is_live(rack: &Value) -> bool {
    let live = |vlan: &Value| vlan["live"] == true;
    let vlans = rack["vlans"].as_array();
    rack["connected"] == true
        && vlans.is_some_and(|vlans| !vlans.is_empty() && vlans.iter().all(live))
}
