//! A name server that questions about a domain are forwarded to (MAAS's forward DNS server).

use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

/// A forward DNS server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ForwardServer {
    /// Its address.
    pub ip_address: IpAddr,
    /// Its port, usually 53.
    pub port: u16,
}

impl ForwardServer {
    /// Where it is reached.
    #[must_use]
    pub const fn socket_address(self) -> SocketAddr {
        SocketAddr::new(self.ip_address, self.port)
    }
}
