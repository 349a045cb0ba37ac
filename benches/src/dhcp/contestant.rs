//! The servers that are measured, started as an operator would, and ended.

use crate::dhcp::arguments::{Arguments, Kind};
use crate::dhcp::driver::{Clients, Pressure, Telling, drive};
use crate::dhcp::ground::{BOTH, CLIENTS, Ground, POOLS, RELAY, SERVED, SERVERS};
use anyhow::Context as _;
use regent_jepsen::lab::kea::{self, Place, Service};
use regent_jepsen::lab::lan::Lan;
use regent_jepsen::lab::namespace::Namespace;
use regent_jepsen::lab::process::Process;
use regent_jepsen::lab::rack::Rack;
use regent_jepsen::lab::region::{MANAGEMENT, Region};
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// The racks.
const RACKS: [&str; 2] = ["east", "west"];
/// The VLAN the racks are on, which every site has.
const VLAN: u32 = 5001;
/// How long a lease is. Racks have it so unless a site says otherwise.
const LIFE_SECS: u64 = 600;
/// All clients of perfdhcp are new: so many are heard at once, and so many a second. As shipped it is 4096 and 200.
pub const NEWCOMERS: u32 = 1_000_000;
/// What a rack says of its region.
const CONNECTED: &str = "connected";
const ALONE: &str = "cut off";
/// What it writes when it has another session with the region.
const CHANGE: &str = "rack session opened";
/// What anything may take that has to come about: the two of a Kea pair wait for each other for 20 s.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(100);
/// The clients a rack knows that is alone, and how fast they come while there is a region.
pub const KNOWN: Clients = Clients { crowd: 0xffff, count: 24_000 };
const KNOWN_RATE: u32 = 800;

/// A server, or two that work together.
pub struct Contestant {
    /// Where requests are sent.
    pub server: &'static str,
    servers: Servers,
}

/// How it stands with those that have to work together: rack and region, or the two of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether they do, as is to be measured.
    pub is_well: bool,
    /// How often that has changed since they were started, in any direction.
    pub changes: usize,
}

impl Standing {
    /// Whether it was well and stayed so without a break.
    #[must_use]
    pub fn lasted(&self, after: &Self) -> bool {
        self.is_well && self == after
    }
}

enum Servers {
    Regent(Box<Site>),
    Kea { machines: Vec<Namespace>, processes: Vec<Process> },
}

struct Site {
    region: Region,
    racks: Vec<Rack>,
    _management: Lan,
}

impl Contestant {
    /// Starts it and waits until it serves.
    ///
    /// # Errors
    /// If it does not.
    pub async fn start(kind: Kind, arguments: &Arguments, ground: &Ground) -> anyhow::Result<Self> {
        ground.forget_servers()?;
        let servers = match kind {
            Kind::Rack => site(arguments, ground, &RACKS[..1]).await?,
            Kind::TwoRacks => site(arguments, ground, &RACKS).await?,
            Kind::RackAlone => {
                left_alone(site(arguments, ground, &RACKS[..1]).await?, ground).await?
            }
            Kind::Kea => kea(ground, &SERVERS[..1]).await?,
            Kind::KeaPair => kea(ground, &SERVERS).await?,
        };
        let server = match kind {
            Kind::Rack | Kind::RackAlone | Kind::Kea => SERVERS[0],
            Kind::TwoRacks | Kind::KeaPair => BOTH,
        };
        Ok(Self { server, servers })
    }

    /// The processes it consists of.
    #[must_use]
    pub fn processes(&self) -> Vec<u32> {
        match &self.servers {
            Servers::Regent(site) => {
                let racks = site.racks.iter().filter_map(Rack::process_id);
                site.region.process_ids().into_iter().chain(racks).collect()
            }
            Servers::Kea { processes, .. } => processes.iter().filter_map(Process::id).collect(),
        }
    }

    /// Waits until it is well, and tells its standing.
    ///
    /// # Errors
    /// If it does not get well.
    pub async fn settled(&self) -> anyhow::Result<Standing> {
        await_that("servers work together", || self.standing().is_well).await?;
        Ok(self.standing())
    }

    /// How it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match &self.servers {
            Servers::Regent(site) => {
                let contact = if site.region.process_ids().is_empty() { ALONE } else { CONNECTED };
                let is_so = |rack: &Rack| rack.status().is_ok_and(|it| it["contact"] == contact);
                let is_well = site.racks.iter().all(is_so);
                let changes = site.racks.iter().map(|rack| rack.said().matches(CHANGE).count());
                Standing { is_well, changes: changes.sum() }
            }
            Servers::Kea { processes, .. } if processes.len() > 1 => {
                let balances: Vec<(bool, usize)> = processes.iter().map(kea::balance).collect();
                let is_well = balances.iter().all(|(is_balancing, _)| *is_balancing);
                Standing { is_well, changes: balances.iter().map(|(_, changes)| changes).sum() }
            }
            // It has nobody to work with.
            Servers::Kea { .. } => Standing { is_well: true, changes: 0 },
        }
    }

    /// Ends it.
    ///
    /// # Errors
    /// If a process cannot be waited for.
    pub async fn end(self) -> anyhow::Result<()> {
        match self.servers {
            Servers::Regent(mut site) => {
                for rack in &mut site.racks {
                    rack.kill().await?;
                }
                site.region.kill_all().await
            }
            Servers::Kea { machines, processes } => {
                for process in processes {
                    process.kill().await?;
                }
                drop(machines);
                Ok(())
            }
        }
    }
}

async fn kea(ground: &Ground, addresses: &[&str]) -> anyhow::Result<Servers> {
    let mut machines = Vec::new();
    for (number, address) in addresses.iter().enumerate() {
        let machine = Namespace::new(&format!("kea{number}"))?;
        ground.served.connect(&machine, "eth1", Some(&format!("{address}/24")))?;
        Ground::route(&machine)?;
        machines.push(machine);
    }
    let places: Vec<Place<'_>> = machines
        .iter()
        .zip(addresses)
        .map(|(machine, address)| Place { machine, interface: "eth1", address })
        .collect();
    let service = Service {
        network: CLIENTS.to_owned(),
        pools: POOLS.iter().map(|(first, last)| format!("{first}-{last}")).collect(),
        life_secs: LIFE_SECS,
        clients: kea::Clients::Relayed,
    };
    let folder = tempfile::tempdir_in(ground.folder())?.keep();
    let processes = match places.as_slice() {
        [first, second] => kea::start_pair([*first, *second], &service, &folder)?,
        one => one
            .iter()
            .map(|at| kea::start_alone(*at, &service, &folder))
            .collect::<anyhow::Result<Vec<_>>>()?,
    };
    if processes.len() > 1 {
        let is_balancing =
            || processes.iter().map(kea::balance).all(|(is_balancing, _)| is_balancing);
        await_that("both Keas serve", is_balancing).await?;
    }
    Ok(Servers::Kea { machines, processes })
}

async fn site(arguments: &Arguments, ground: &Ground, names: &[&str]) -> anyhow::Result<Servers> {
    let (regent, rack_agent) = arguments.executables()?;
    let folder = tempfile::tempdir_in(ground.folder())?.keep();
    let management = Lan::new("mgmt")?;
    let region = Region::start(&regent, &management, &folder).await?;
    if !arguments.probe {
        region.command("setting create name=dhcp_probe value=false")?;
    }
    region.command(&format!("subnet create cidr={SERVED}.0/24 vlan={VLAN}"))?;
    region.command(&format!(
        "ip-range create subnet=1 type=dynamic start_ip={SERVED}.100 end_ip={SERVED}.199"
    ))?;
    let near = region.command(&format!("vlan show {VLAN}"))?;
    let vlan = format!("fabric={} vid=20 relay_vlan={VLAN}", near["fabric"]);
    let vlan = &region.command(&format!("vlan create {vlan}"))?["id"];
    let subnet = format!("cidr={CLIENTS} vlan={vlan} gateway_ip={RELAY}");
    let subnet = &region.command(&format!("subnet create {subnet}"))?["id"];
    for (first, last) in POOLS {
        let range = format!("subnet={subnet} type=dynamic start_ip={first} end_ip={last}");
        region.command(&format!("ip-range create {range}"))?;
    }
    let mut racks = Vec::new();
    for (number, (name, address)) in names.iter().zip(SERVERS).enumerate() {
        let own = format!("{MANAGEMENT}.2{number}/24");
        let (to_region, to_clients) =
            ((&management, &*own), (&ground.served, &*format!("{address}/24")));
        let mut rack = Rack::new(name, &rack_agent, to_region, to_clients, &folder)?;
        Ground::route(&rack.machine)?;
        rack.configure(&format!("[newcomers]\nat_once = {NEWCOMERS}\nper_second = {NEWCOMERS}\n"))?;
        let made = region.command("token create rack")?;
        rack.join(made["token"].as_str().context("no token")?)?;
        rack.start()?;
        racks.push(rack);
    }
    let roles = ["primary_rack", "secondary_rack"].iter().zip(names);
    let roles: Vec<String> = roles.map(|(role, name)| format!("{role}={name}")).collect();
    region.command(&format!("vlan set {VLAN} {} dhcp_on=true", roles.join(" ")))?;
    let is_live = |rack: &Rack| {
        let shown = region.command(&format!("rack show {}", rack.name));
        shown.is_ok_and(|shown| all_live(&shown))
    };
    await_that("all racks serve", || racks.iter().all(is_live)).await?;
    Ok(Servers::Regent(Box::new(Site { region, racks, _management: management })))
}

/// Has clients come that the rack knows from then on, and takes the region away.
async fn left_alone(servers: Servers, ground: &Ground) -> anyhow::Result<Servers> {
    let Servers::Regent(mut site) = servers else { return Ok(servers) };
    let pressure = Pressure { rate: KNOWN_RATE, seconds: KNOWN.count / KNOWN_RATE + 1 };
    let came = drive(&ground.clients, SERVERS[0], KNOWN, pressure, Telling::Counts).await?;
    anyhow::ensure!(came.is_clean(0), "too many clients got nothing: {came:?}");
    site.region.kill_all().await?;
    let is_alone = || {
        let status = site.racks.iter().map(Rack::status);
        status.flatten().all(|status| status["contact"] == ALONE)
    };
    await_that("the rack notices that the region is away", is_alone).await?;
    Ok(Servers::Regent(site))
}

fn all_live(rack: &Value) -> bool {
    let vlans = rack["vlans"].as_array();
    let all =
        vlans.is_some_and(|vlans| vlans.len() > 1 && vlans.iter().all(|vlan| vlan["live"] == true));
    rack["connected"] == true && all
}

async fn await_that(what: &str, is_so: impl Fn() -> bool) -> anyhow::Result<()> {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        anyhow::ensure!(Instant::now() < until, "not within {PATIENCE:?}: {what}");
        sleep(LOOK_PAUSE).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Standing;

    #[test]
    fn servers_that_were_apart_for_a_while_did_not_last_though_they_are_well_again() {
        let standing = |is_well, changes| Standing { is_well, changes };
        assert!(standing(true, 3).lasted(&standing(true, 3)));
        assert!(!standing(true, 3).lasted(&standing(true, 5)));
        assert!(!standing(true, 3).lasted(&standing(false, 3)));
        assert!(!standing(false, 3).lasted(&standing(false, 3)));
    }
}
