//! Which node and which rack agent of a dev cluster has which name, ports and folder.

use crate::cli::dev_arguments::DevStart;
use crate::cli::dev_record::{DevNode, DevRack};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use serde::{Deserialize, Serialize};
use std::io;
use std::net::{TcpListener, UdpSocket};
use std::path::Path;

/// Ports from one node's API to the next one's.
const NODE_STEP: u16 = 10;
/// Ports from a node's API to its port for other nodes.
const PEER_OFFSET: u16 = 1;
/// Ports from a node's API to its DNS.
const DNS_OFFSET: u16 = 3;
/// Ports from the first node's API to the first rack agent's DHCP.
const DHCP_OFFSET: u16 = 61;
/// Where free ports are looked for: below those the kernel gives to outgoing connections.
const FREE_PORTS: std::ops::Range<u16> = 10_000..32_000;
/// How often a free place is looked for.
const FREE_TRIES_MAX: usize = 200;
/// The file in a data folder that keeps the layout, since the nodes have written their addresses down.
const LAYOUT_FILE: &str = "dev.json";

/// How a dev cluster is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// API port of the first node.
    pub base_port: u16,
    /// Nodes.
    pub nodes: u16,
    /// Rack agents.
    #[serde(default)]
    pub racks: u16,
}

impl Layout {
    /// The layout asked for; ports that are not free are refused.
    ///
    /// # Errors
    /// [`Failure`] naming the port.
    pub fn choose(start: &DevStart) -> Result<Self, Failure> {
        let (nodes, racks) = (start.nodes, start.racks_of_new());
        if start.base_port != 0 {
            let layout = Self { base_port: start.base_port, nodes, racks };
            return layout.first_taken().map_or(Ok(layout), |port| Err(taken(port)));
        }
        let candidates = (0..FREE_TRIES_MAX).map(|_| rand::random_range(FREE_PORTS));
        let mut layouts = candidates.map(|base_port| Self { base_port, nodes, racks });
        layouts.find(|layout| layout.first_taken().is_none()).ok_or_else(|| taken(0))
    }

    /// The layout of a data folder that was used before.
    ///
    /// # Errors
    /// I/O; no error if there is none.
    pub fn read(data_dir: &Path) -> io::Result<Option<Self>> {
        match std::fs::read(data_dir.join(LAYOUT_FILE)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps the layout in the data folder.
    ///
    /// # Errors
    /// I/O.
    pub fn write(&self, data_dir: &Path) -> io::Result<()> {
        std::fs::write(data_dir.join(LAYOUT_FILE), serde_json::to_vec(self)?)
    }

    /// Itself, the layout of a folder that was used before, if what is asked for does not contradict it.
    ///
    /// # Errors
    /// [`Failure`] that names its shape.
    pub fn must_suit(self, start: &DevStart) -> Result<Self, Failure> {
        let Self { base_port, nodes, racks } = self;
        let is_port = [0, base_port].contains(&start.base_port);
        if nodes == start.nodes && is_port && start.racks.is_none_or(|wanted| wanted == racks) {
            return Ok(self);
        }
        Err(Failure::refused(
            Exit::Usage,
            "the data folder belongs to a dev cluster of another shape",
            format!("it has {nodes} nodes from port {base_port} on and {racks} rack agents"),
            format!(
                "add --nodes {nodes} --base-port {base_port} --racks {racks}, or name another folder"
            ),
        ))
    }

    /// The nodes, none of them running.
    #[must_use]
    pub fn places(&self, data_dir: &Path) -> Vec<DevNode> {
        (0..self.nodes).map(|number| self.place(number, data_dir)).collect()
    }

    fn place(&self, number: u16, data_dir: &Path) -> DevNode {
        let api = self.base_port.saturating_add(number * NODE_STEP);
        let address = |offset: u16| format!("127.0.0.1:{}", api.saturating_add(offset));
        let name = format!("r{}", number + 1);
        DevNode {
            api: address(0),
            peer: address(PEER_OFFSET),
            dns: address(DNS_OFFSET),
            directory: data_dir.join(&name),
            pid: None,
            name,
        }
    }

    /// The rack agents, none of them running.
    #[must_use]
    pub fn rack_places(&self, data_dir: &Path) -> Vec<DevRack> {
        let ports = self.dhcp_ports().zip(1..);
        let place = |(port, number): (u16, u16)| {
            let name = format!("rack{number}");
            let dhcp = format!("127.0.0.1:{port}");
            DevRack { directory: data_dir.join(&name), dhcp, name, pid: None }
        };
        ports.map(place).collect()
    }

    fn dhcp_ports(&self) -> impl Iterator<Item = u16> {
        let first = self.base_port.saturating_add(DHCP_OFFSET);
        (0..self.racks).map(move |number| first.saturating_add(number))
    }

    fn first_taken(&self) -> Option<u16> {
        let apis = (0..self.nodes).map(|number| self.base_port.saturating_add(number * NODE_STEP));
        let mut ports =
            apis.flat_map(|api| [0, PEER_OFFSET, DNS_OFFSET].map(|at| api.saturating_add(at)));
        let taken = ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_err());
        let is_taken = |port: &u16| UdpSocket::bind(("127.0.0.1", *port)).is_err();
        taken.or_else(|| self.dhcp_ports().find(is_taken))
    }
}

fn taken(port: u16) -> Failure {
    Failure::refused(
        Exit::Failure,
        format!("port {port} is in use"),
        "another process listens there, perhaps another dev cluster",
        "`regent dev status` shows one; else pick other ports: --base-port PORT, 0 for free ones",
    )
}

#[cfg(test)]
mod tests {
    use super::Layout;
    use std::path::Path;

    #[test]
    fn nodes_are_ten_ports_apart_with_peer_and_dns_beside_the_api() {
        let places = Layout { base_port: 7440, nodes: 3, racks: 0 }.places(Path::new("/d"));
        let ports: Vec<_> =
            places.iter().map(|node| (&*node.api, &*node.peer, &*node.dns)).collect();
        assert_eq!(ports[0], ("127.0.0.1:7440", "127.0.0.1:7441", "127.0.0.1:7443"));
        assert_eq!(ports[2], ("127.0.0.1:7460", "127.0.0.1:7461", "127.0.0.1:7463"));
        assert_eq!(places[1].directory, Path::new("/d/r2"));
    }

    #[test]
    fn racks_serve_dhcp_beyond_the_ports_of_five_nodes() {
        let layout = Layout { base_port: 7440, nodes: 5, racks: 2 };
        let racks = layout.rack_places(Path::new("/d"));
        let told: Vec<_> = racks.iter().map(|rack| (&*rack.name, &*rack.dhcp)).collect();
        assert_eq!(told, [("rack1", "127.0.0.1:7501"), ("rack2", "127.0.0.1:7502")]);
        assert_eq!(racks[1].directory, Path::new("/d/rack2"));
    }

    #[test]
    fn folder_of_a_cluster_without_racks_is_read_as_such() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("dev.json");
        std::fs::write(file, r#"{"base_port": 7440, "nodes": 3}"#).unwrap();
        let read = Layout::read(folder.path()).unwrap();
        assert_eq!(read, Some(Layout { base_port: 7440, nodes: 3, racks: 0 }));
    }
}
