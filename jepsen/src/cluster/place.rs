//! Where the nodes of a cluster live: ports that are free and a folder each.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

/// Nodes of a cluster.
pub const NODES: usize = 3;
/// Ports of one node: API, peers, name service.
const PORTS_PER_NODE: usize = 3;
/// Where free ports are looked for: below those the kernel gives to outgoing connections, since a node that restarts
/// wants its own back.
const FREE_PORTS: std::ops::Range<u16> = 10_000..32_000;
/// How often a free port is looked for.
const FREE_TRIES_MAX: usize = 1000;

/// Where one node lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// Its HTTP API, `host:port`.
    pub api: String,
    /// Its port for other nodes, `host:port`.
    pub peer: String,
    /// Where other nodes reach that port: there, unless something stands in between.
    pub reached_at: String,
    /// Its name service, `host:port`.
    pub dns: String,
    /// Its data directory.
    pub directory: PathBuf,
    /// Where its log lines go: beside the data directory, not in it, since that may lose power.
    pub log: PathBuf,
}

/// Places for all nodes below `folder`; `None` if there are no free ports.
#[must_use]
pub fn choose(folder: &Path) -> Option<Vec<Place>> {
    let mut ports = free_ports(PORTS_PER_NODE * NODES)?.into_iter();
    let mut address = || ports.next().map(|port| format!("127.0.0.1:{port}"));
    (1..=NODES)
        .map(|number| {
            let name = format!("r{number}");
            let directory = folder.join(&name);
            let log = folder.join(format!("{name}.log"));
            let (api, peer, dns) = (address()?, address()?, address()?);
            let reached_at = peer.clone();
            Some(Place { name, api, peer, reached_at, dns, directory, log })
        })
        .collect()
}

/// So many ports that nobody uses; `None` if there are not that many.
#[must_use]
pub fn free_ports(count: usize) -> Option<BTreeSet<u16>> {
    let mut held = Vec::new();
    let mut ports = BTreeSet::new();
    for _ in 0..FREE_TRIES_MAX {
        let port = rand::random_range(FREE_PORTS);
        // Held until all are found, so that none is found twice.
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            held.push(listener);
            ports.insert(port);
        }
        if ports.len() == count {
            return Some(ports);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{NODES, PORTS_PER_NODE, choose};
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn no_two_nodes_share_a_port_or_a_folder() {
        let places = choose(Path::new("/d")).unwrap();
        let ports: BTreeSet<_> =
            places.iter().flat_map(|place| [&place.api, &place.peer, &place.dns]).collect();
        let folders: BTreeSet<_> = places.iter().map(|place| &place.directory).collect();
        assert_eq!((ports.len(), folders.len()), (PORTS_PER_NODE * NODES, NODES));
    }
}
