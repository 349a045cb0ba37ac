//! The machines of a run: one a node, one for all clients, on one network.

use crate::cluster::place::Place;
use crate::lab::lan::{Cable, Lan};
use crate::lab::namespace::{Namespace, View};
use std::path::{Path, PathBuf};

/// The network they are on. Not one that clients take addresses from, or racks would serve it.
pub const NETWORK: &str = "10.9.0";
/// The ports of every node, as the documents have them.
pub const API_PORT: u16 = 7440;
/// That for other nodes.
pub const PEER_PORT: u16 = 7441;
/// That of the name service.
const DNS_PORT: u16 = 53;
/// The host part of the clients' address.
const CLIENTS_HOST: usize = 1;

/// Machines and their cables.
pub struct Machines {
    nodes: Vec<(Namespace, Cable)>,
    clients: (Namespace, Cable),
    lan: Lan,
}

impl Machines {
    /// Makes them, and has this thread and those it starts be on the clients' one.
    ///
    /// # Errors
    /// If this machine cannot.
    pub fn make(nodes: usize) -> anyhow::Result<Self> {
        let lan = Lan::with_view("lan", View::Ours)?;
        let on_lan = |name: &str, host: usize| {
            let machine = lan.machine(name)?;
            let cable = lan.connect(&machine, "eth0", Some(&format!("{NETWORK}.{host}/24")))?;
            anyhow::Ok((machine, cable))
        };
        let clients = on_lan("clients", CLIENTS_HOST)?;
        let nodes: anyhow::Result<_> =
            (1..=nodes).map(|number| on_lan(&name(number), host(number))).collect();
        let nodes = nodes?;
        clients.0.move_here()?;
        Ok(Self { nodes, clients, lan })
    }

    /// Where nodes live on them, with their data below `disks` and their lines in `folder`.
    pub fn places<'a>(
        &'a self,
        folder: &'a Path,
        disks: impl Iterator<Item = PathBuf> + 'a,
    ) -> impl Iterator<Item = Place> + 'a {
        (1..=self.nodes.len()).zip(disks).map(move |(number, disk)| {
            let name = name(number);
            let at = |port: u16| format!("{NETWORK}.{}:{port}", host(number));
            let (api, peer, dns) = (at(API_PORT), at(PEER_PORT), at(DNS_PORT));
            let (reached_at, directory) = (peer.clone(), disk.join("data"));
            let log = folder.join(format!("{name}.log"));
            Place { name, api, peer, reached_at, dns, directory, log }
        })
    }

    /// The network they are on.
    #[must_use]
    pub const fn lan(&self) -> &Lan {
        &self.lan
    }

    /// How many nodes there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.nodes.len()
    }

    /// The address of a node.
    #[must_use]
    pub fn address(&self, node: usize) -> String {
        format!("{NETWORK}.{}", host(node + 1))
    }

    /// The address of the clients.
    #[must_use]
    pub fn clients_address(&self) -> String {
        format!("{NETWORK}.{CLIENTS_HOST}")
    }

    /// The network namespace of the clients.
    #[must_use]
    pub fn clients_network(&self) -> PathBuf {
        self.clients.0.path()
    }

    /// The network namespace of a node.
    #[must_use]
    pub fn network(&self, node: usize) -> PathBuf {
        self.nodes[node].0.path()
    }

    /// The network namespace in which all cables meet.
    #[must_use]
    pub fn switch(&self) -> PathBuf {
        self.lan.switch().path()
    }

    /// Where the cable of each node ends there.
    pub fn ports(&self) -> impl Iterator<Item = String> {
        self.nodes.iter().map(|(_, cable)| cable.port().to_owned())
    }

    /// Where the clients' cable ends there.
    #[must_use]
    pub fn clients_port(&self) -> &str {
        self.clients.1.port()
    }
}

/// What the `number`th node is called.
#[must_use]
pub fn name(number: usize) -> String {
    format!("r{number}")
}

const fn host(number: usize) -> usize {
    10 + number
}
