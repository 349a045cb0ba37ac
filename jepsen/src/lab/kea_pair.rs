//! Two Kea servers in high availability, to compare with: Debian's packages, load balancing, timers as shipped.
//!
//! They speak to each other on the network of their clients, so that a server that loses its cable loses its partner, too:
//! on a network of its own for the two Kea would not notice that at all.

use crate::lab::client::Client;
use crate::lab::client::Kind;
use crate::lab::lan::{Cable, Lan};
use crate::lab::namespace::Namespace;
use crate::lab::process::Process;
use anyhow::Context as _;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::time::sleep;

/// The program.
pub const PROGRAM: &str = "kea-dhcp4";
/// The program that asks a server how it is.
pub const ASKER: &str = "curl";
/// Where Debian puts hooks.
const HOOKS: &str = "/usr/lib/x86_64-linux-gnu/kea/hooks";
const NAMES: [&str; 2] = ["kea-east", "kea-west"];
const PORT: u16 = 8001;
/// As shipped: a heartbeat every 10 s, a partner is gone after 60 s of silence.
const HEARTBEAT_MILLIS: u32 = 10_000;
const RESPONSE_MILLIS_MAX: u32 = 60_000;
const ACK_MILLIS_MAX: u32 = 10_000;
/// As shipped Kea then waits for eleven clients that got no answer for 10 s, which a quiet network does not have. Without
/// that it takes over at once, which is in its favour.
const UNACKED_CLIENTS_MAX: u32 = 0;
/// The timers, for people.
pub const TIMERS: &str = "kea-ha: load balancing, one network for clients and partners; heartbeat-delay 10 s, \
    max-response-delay 60 s, max-ack-delay 10 s as shipped; max-unacked-clients 0 instead of 10, in Kea's favour";
/// How long the two may take to serve together.
const PATIENCE: Duration = Duration::from_secs(150);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(500);

/// One of the servers.
#[derive(Debug)]
pub struct KeaServer {
    name: &'static str,
    machine: Namespace,
    to_clients: Cable,
    address: Ipv4Addr,
    folder: PathBuf,
    process: Option<Process>,
}

/// Both, and the network they serve. Goes when it is dropped.
#[derive(Debug)]
pub struct KeaPair {
    /// The servers.
    pub servers: Vec<KeaServer>,
    /// The network.
    pub served: Lan,
    folder: TempDir,
}

/// Why there can be no such servers here; none if there can.
#[must_use]
pub fn missing_hook() -> Option<String> {
    let hooks = ["libdhcp_ha.so", "libdhcp_lease_cmds.so"].map(|name| format!("{HOOKS}/{name}"));
    hooks.into_iter().find(|hook| !Path::new(hook).exists()).map(|hook| format!("absent: {hook}"))
}

impl KeaPair {
    /// Two servers of a /24 network (`10.0.0`) that serve it together.
    ///
    /// # Errors
    /// If they do not come to.
    pub async fn start(network: &str) -> anyhow::Result<Self> {
        let (folder, served) = (tempfile::tempdir()?, Lan::new("kea-served")?);
        let mut pair = Self { servers: Vec::new(), served, folder };
        for (name, host) in NAMES.into_iter().zip(2_u8..) {
            let machine = Namespace::new(name)?;
            let address = format!("{network}.{host}");
            let to_clients =
                pair.served.connect(&machine, "eth1", Some(&format!("{address}/24")))?;
            let own = pair.folder.path().join(name);
            fs::create_dir_all(&own)?;
            let settings = settings(name, network, &own);
            fs::write(own.join("kea.json"), serde_json::to_vec_pretty(&settings)?)?;
            let address = address.parse()?;
            let (folder, process) = (own, None);
            let mut server = KeaServer { name, machine, to_clients, address, folder, process };
            server.start()?;
            pair.servers.push(server);
        }
        pair.await_both().await?;
        Ok(pair)
    }

    /// A machine on the network.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn client(&self, name: &str, kind: Kind) -> anyhow::Result<Client> {
        Client::new(name, kind, &self.served, self.folder.path())
    }

    /// The server that has an address.
    ///
    /// # Errors
    /// If none has.
    pub fn server_at(&self, address: Ipv4Addr) -> anyhow::Result<usize> {
        let has = |server: &KeaServer| server.address == address;
        self.servers.iter().position(has).with_context(|| format!("no server is {address}"))
    }

    /// Waits until both serve together.
    ///
    /// # Errors
    /// If they do not in time.
    pub async fn await_both(&self) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        while !self.servers.iter().all(KeaServer::is_balancing) {
            let said = || {
                let said = self.servers.iter().map(|server| (server.name, server.said()));
                format!(
                    "not within {PATIENCE:?}: both balance the load: {:?}",
                    said.collect::<Vec<_>>()
                )
            };
            anyhow::ensure!(Instant::now() < until, said());
            sleep(LOOK_PAUSE).await;
        }
        Ok(())
    }
}

impl KeaServer {
    /// Starts the server.
    ///
    /// # Errors
    /// If its process cannot be started.
    pub fn start(&mut self) -> anyhow::Result<()> {
        let mut command = self.machine.command(PROGRAM);
        command.arg("-c").arg(self.folder.join("kea.json"));
        command.env("KEA_PIDFILE_DIR", &self.folder).env("KEA_LOCKFILE_DIR", &self.folder);
        self.process = Some(Process::spawn(command, self.name, &self.folder.join("log"))?);
        Ok(())
    }

    /// Kills it.
    ///
    /// # Errors
    /// If it cannot be waited for.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        let Some(process) = self.process.take() else { return Ok(()) };
        process.kill().await?;
        // A pid file whose process is no more is no reason not to start, one whose number is another's is.
        drop(fs::remove_file(self.folder.join("kea.kea-dhcp4.pid")));
        Ok(())
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// If it does not run.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        self.process.as_ref().context("the server does not run")?.signal(signal)
    }

    /// Its cable to clients and partner.
    #[must_use]
    pub const fn to_clients(&self) -> &Cable {
        &self.to_clients
    }

    fn is_balancing(&self) -> bool {
        let url = format!("http://{}:{PORT}/", self.address);
        let asked = r#"{"command":"ha-heartbeat","service":["dhcp4"]}"#;
        let header = "Content-Type:application/json";
        let line = format!("{ASKER} -s -m 2 -H {header} -d {asked} {url}");
        let said = self.machine.run(&line).ok();
        let said: Option<Value> = said.and_then(|said| serde_json::from_str(&said).ok());
        said.is_some_and(|said| said[0]["arguments"]["state"] == "load-balancing")
    }

    fn said(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

fn settings(own: &str, network: &str, folder: &Path) -> Value {
    let [east, west] = NAMES;
    let peer = |name: &str, host: u8, role: &str| json!({ "name": name, "url": format!("http://{network}.{host}:{PORT}/"), "role": role });
    let high_availability = json!({
        "this-server-name": own,
        "mode": "load-balancing",
        "heartbeat-delay": HEARTBEAT_MILLIS,
        "max-response-delay": RESPONSE_MILLIS_MAX,
        "max-ack-delay": ACK_MILLIS_MAX,
        "max-unacked-clients": UNACKED_CLIENTS_MAX,
        "multi-threading": { "enable-multi-threading": true, "http-dedicated-listener": true },
        "peers": [peer(east, 2, "primary"), peer(west, 3, "secondary")],
    });
    let hook = |name: &str, parameters: Value| json!({ "library": format!("{HOOKS}/{name}"), "parameters": parameters });
    let pool = |first: u8, last: u8, server: &str| {
        let pool = format!("{network}.{first}-{network}.{last}");
        json!({ "pool": pool, "client-class": format!("HA_{server}") })
    };
    json!({ "Dhcp4": {
        "interfaces-config": { "interfaces": ["eth1"] },
        "lease-database": { "type": "memfile", "persist": true, "name": folder.join("leases.csv") },
        "multi-threading": { "enable-multi-threading": true },
        "valid-lifetime": 600, "min-valid-lifetime": 30, "max-valid-lifetime": 600,
        "hooks-libraries": [
            hook("libdhcp_lease_cmds.so", json!({})),
            hook("libdhcp_ha.so", json!({ "high-availability": [high_availability] })),
        ],
        "loggers": [{
            "name": "kea-dhcp4", "severity": "INFO", "output_options": [{ "output": "stdout" }],
        }],
        "subnet4": [{
            "subnet": format!("{network}.0/24"),
            "pools": [pool(100, 149, east), pool(150, 199, west)],
        }],
    } })
}
