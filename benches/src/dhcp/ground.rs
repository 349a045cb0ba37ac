//! Where it is measured: the network of the servers, and the machine of the clients, which speaks for them as a relay does.

use regent_jepsen::lab::lan::Lan;
use regent_jepsen::lab::namespace::{Namespace, remove_leftovers};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The network of the servers, a /24.
pub const SERVED: &str = "10.0.0";
/// The addresses of the servers there.
pub const SERVERS: [&str; 2] = ["10.0.0.2", "10.0.0.3"];
/// The clients' network, behind a relay.
pub const CLIENTS: &str = "10.64.0.0/12";
/// The relay, in that network.
pub const RELAY: &str = "10.64.0.1";
/// Addresses for clients, half of them for each server of a pair.
pub const POOLS: [(&str, &str); 2] =
    [("10.65.0.0", "10.71.255.255"), ("10.72.0.0", "10.79.255.250")];
/// Whoever sends a request here has sent it to both servers.
pub const BOTH: &str = "10.0.0.1";
/// The port of servers and relays.
const PORT: u16 = 67;
/// No request is longer.
const REQUEST_BYTES_MAX: usize = 2048;

/// The place. Goes when it is dropped.
pub struct Ground {
    /// The network of the servers.
    pub served: Lan,
    /// The machine of the clients.
    pub clients: Namespace,
    folder: TempDir,
}

impl Ground {
    /// A place whose data is on this disk.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new(disk: &Path) -> anyhow::Result<Self> {
        remove_leftovers()?;
        let folder = tempfile::Builder::new().prefix("dhcp-").tempdir_in(disk)?;
        let (served, clients) = (Lan::new("served")?, Namespace::new("clients")?);
        served.connect(&clients, "near", Some(&format!("{BOTH}/24")))?;
        // perfdhcp sends at the interface that has its address.
        clients.run(&format!("ip addr add {RELAY}/32 dev near"))?;
        let ground = Self { served, clients, folder };
        ground.copy_to_both()?;
        Ok(ground)
    }

    /// Where servers keep what they have to.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Has the clients' machine forget whose cards the servers' addresses were: the next servers have others.
    ///
    /// # Errors
    /// If it cannot be told.
    pub fn forget_servers(&self) -> anyhow::Result<()> {
        self.clients.run("ip neigh flush dev near").map(drop)
    }

    /// Has a machine find the way to the relay.
    ///
    /// # Errors
    /// If it cannot be told.
    pub fn route(machine: &Namespace) -> anyhow::Result<()> {
        machine.run(&format!("ip route add {CLIENTS} via {BOTH}")).map(drop)
    }

    /// What relays do for several servers: each gets every request. Goes on until the process ends.
    fn copy_to_both(&self) -> anyhow::Result<()> {
        let copying = self.clients.within::<()>(|| {
            let socket = UdpSocket::bind((BOTH, PORT))?;
            let mut request = [0; REQUEST_BYTES_MAX];
            loop {
                let length = socket.recv(&mut request)?;
                for server in SERVERS {
                    // A server that is not there gets none.
                    drop(socket.send_to(&request[..length], (server, PORT)));
                }
            }
        });
        copying.map(drop)
    }
}
