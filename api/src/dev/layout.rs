//! Which node of a dev cluster has which name, ports and folder.

use crate::cli::dev_arguments::DevStart;
use crate::cli::dev_record::DevNode;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use serde::{Deserialize, Serialize};
use std::io;
use std::net::TcpListener;
use std::path::Path;

/// Ports from one node's API to the next one's.
const NODE_STEP: u16 = 10;
/// Ports from a node's API to its port for other nodes.
const PEER_OFFSET: u16 = 1;
/// Ports from a node's API to its DNS.
const DNS_OFFSET: u16 = 3;
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
}

impl Layout {
    /// The layout asked for; ports that are not free are refused.
    ///
    /// # Errors
    /// [`Failure`] naming the port.
    pub fn choose(start: &DevStart) -> Result<Self, Failure> {
        let nodes = start.nodes;
        if start.base_port != 0 {
            let layout = Self { base_port: start.base_port, nodes };
            return layout.first_taken().map_or(Ok(layout), |port| Err(taken(port)));
        }
        let candidates = (0..FREE_TRIES_MAX).map(|_| rand::random_range(FREE_PORTS));
        let mut layouts = candidates.map(|base_port| Self { base_port, nodes });
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

    fn first_taken(&self) -> Option<u16> {
        let apis = (0..self.nodes).map(|number| self.base_port.saturating_add(number * NODE_STEP));
        let mut ports =
            apis.flat_map(|api| [0, PEER_OFFSET, DNS_OFFSET].map(|at| api.saturating_add(at)));
        ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_err())
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
        let places = Layout { base_port: 7440, nodes: 3 }.places(Path::new("/d"));
        let ports: Vec<_> =
            places.iter().map(|node| (&*node.api, &*node.peer, &*node.dns)).collect();
        assert_eq!(ports[0], ("127.0.0.1:7440", "127.0.0.1:7441", "127.0.0.1:7443"));
        assert_eq!(ports[2], ("127.0.0.1:7460", "127.0.0.1:7461", "127.0.0.1:7463"));
        assert_eq!(places[1].directory, Path::new("/d/r2"));
    }
}
