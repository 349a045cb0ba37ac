//! Kea, a DHCP server to compare with: Debian's package, alone or as a pair that shares the clients.

use crate::lab::namespace::Namespace;
use crate::lab::process::Process;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// The program.
pub const PROGRAM: &str = "kea-dhcp4";
/// Where one of a pair hears the other.
const PAIR_PORT: u16 = 8000;

/// What Kea serves.
#[derive(Clone, Debug)]
pub struct Service {
    /// The network, as `10.0.0.0/24`.
    pub network: String,
    /// Its addresses, as `10.0.0.100-10.0.0.149`: all of them for one that is alone, one for each of a pair.
    pub pools: Vec<String>,
    /// How long a lease is, in seconds.
    pub life_secs: u64,
    /// How clients come.
    pub clients: Clients,
}

/// How clients come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clients {
    /// From the network the server is on.
    Direct,
    /// Through relays only, which takes Kea less work.
    Relayed,
}

/// A machine for Kea.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The machine.
    pub machine: &'a Namespace,
    /// Its interface that clients come in at.
    pub interface: &'a str,
    /// Its address there.
    pub address: &'a str,
}

/// Starts Kea on a machine, to serve a /24 network (`10.0.0`) on an interface.
///
/// # Errors
/// If it cannot be started.
pub fn start(
    machine: &Namespace,
    interface: &str,
    network: &str,
    life_secs: u64,
    folder: &Path,
) -> anyhow::Result<Process> {
    let service = Service {
        network: format!("{network}.0/24"),
        pools: vec![format!("{network}.100-{network}.199")],
        life_secs,
        clients: Clients::Direct,
    };
    start_alone(Place { machine, interface, address: "" }, &service, folder)
}

/// Starts Kea on one machine. As it is by default, it syncs nothing to disk.
///
/// # Errors
/// If it cannot be started.
pub fn start_alone(at: Place<'_>, service: &Service, folder: &Path) -> anyhow::Result<Process> {
    let pools = service.pools.iter().map(|pool| json!({ "pool": pool })).collect();
    run(at, settings(at, service, pools), &folder.join("kea"))
}

/// Starts Kea on two machines, each of which serves half of the clients and tells the other of each lease before the client
/// hears of it ("load-balancing", with the times it has by default).
///
/// # Errors
/// If one cannot be started.
pub fn start_pair(
    places: [Place<'_>; 2],
    service: &Service,
    folder: &Path,
) -> anyhow::Result<Vec<Process>> {
    let [first, second] = places;
    let peer = |number: usize, at: Place<'_>, role: &str| {
        json!({
            "name": server(number),
            "url": format!("http://{}:{PAIR_PORT}/", at.address),
            "role": role,
            "auto-failover": true,
        })
    };
    let peers = [peer(0, first, "primary"), peer(1, second, "secondary")];
    let pools: Vec<Value> = service
        .pools
        .iter()
        .enumerate()
        .map(|(number, pool)| json!({ "pool": pool, "client-class": format!("HA_{}", server(number)) }))
        .collect();
    let one = |(number, at): (usize, Place<'_>)| {
        let mut settings = settings(at, service, pools.clone());
        // Without threads an agent of its own would have to carry what the two say.
        settings["Dhcp4"]["multi-threading"] = json!({ "enable-multi-threading": true });
        settings["Dhcp4"]["hooks-libraries"] = json!([
            { "library": hook("libdhcp_lease_cmds.so") },
            { "library": hook("libdhcp_ha.so"), "parameters": { "high-availability": [{
                "this-server-name": server(number),
                "mode": "load-balancing",
                "multi-threading": {
                    "enable-multi-threading": true,
                    "http-dedicated-listener": true,
                },
                "peers": peers,
            }] } },
        ]);
        run(at, settings, &folder.join(format!("kea-{}", server(number))))
    };
    places.into_iter().enumerate().map(one).collect()
}

/// Whether a Kea that was started as one of a pair serves its clients, and how often its state has changed so far.
#[must_use]
pub fn balance(kea: &Process) -> (bool, usize) {
    let said = kea.said();
    let states = states(&said);
    (states.last() == Some(&"LOAD-BALANCING"), states.len())
}

/// The states that one of a pair said it went into, in order.
fn states(said: &str) -> Vec<&str> {
    said.lines().filter_map(state).collect()
}

fn state(line: &str) -> Option<&str> {
    let (_, states) = line.split_once(" transitions from ")?;
    let (_, new) = states.split_once(" to ")?;
    Some(new.split_once(" state")?.0)
}

fn server(number: usize) -> String {
    format!("server{}", number + 1)
}

/// Where Debian puts what extends Kea.
fn hook(name: &str) -> String {
    format!("/usr/lib/{}-linux-gnu/kea/hooks/{name}", std::env::consts::ARCH)
}

fn settings(at: Place<'_>, service: &Service, pools: Vec<Value>) -> Value {
    let sockets = match service.clients {
        Clients::Direct => "raw",
        Clients::Relayed => "udp",
    };
    json!({ "Dhcp4": {
        "interfaces-config": { "interfaces": [at.interface], "dhcp-socket-type": sockets },
        "lease-database": { "type": "memfile", "persist": true },
        "valid-lifetime": service.life_secs,
        // A line for each lease would slow it down.
        "loggers": [logger("kea-dhcp4", "WARN"), logger("kea-dhcp4.ha-hooks", "INFO")],
        "subnet4": [{ "subnet": service.network, "pools": pools }],
    } })
}

fn logger(name: &str, severity: &str) -> Value {
    json!({ "name": name, "severity": severity, "output_options": [{ "output": "stdout" }] })
}

fn run(at: Place<'_>, mut settings: Value, folder: &Path) -> anyhow::Result<Process> {
    fs::create_dir_all(folder)?;
    let path = |name: &str| folder.join(name).display().to_string();
    settings["Dhcp4"]["lease-database"]["name"] = path("leases.csv").into();
    fs::write(path("kea.json"), serde_json::to_vec_pretty(&settings)?)?;
    let mut command = at.machine.command(PROGRAM);
    command.args(["-c", &path("kea.json")]);
    command.env("KEA_PIDFILE_DIR", folder).env("KEA_LOCKFILE_DIR", folder);
    Process::spawn(command, PROGRAM, &folder.join("log"))
}

#[cfg(test)]
mod tests {
    use super::states;

    #[test]
    fn states_of_one_of_a_pair_are_read_from_what_it_says() {
        let said = "HA_STATE_TRANSITION server1: server transitions from READY to LOAD-BALANCING state, partner state is READY
HA_LEASE_UPDATES_ENABLED server1: lease updates will be sent to the partner while in LOAD-BALANCING state
HA_STATE_TRANSITION server transitions from LOAD-BALANCING to COMMUNICATION-RECOVERY state";
        assert_eq!(states(said), ["LOAD-BALANCING", "COMMUNICATION-RECOVERY"]);
        assert!(states("").is_empty());
    }
}
