//! The ports of a region node, and why one cannot be opened.

use crate::config::Addresses;
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};

/// What a port is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// Clients' HTTP.
    Api,
    /// Other region nodes' gRPC.
    Peer,
    /// Questions, over UDP and TCP.
    Dns,
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Api => "API",
            Self::Peer => "peer",
            Self::Dns => "DNS",
        })
    }
}

/// A port that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("the {port} port {address} cannot be opened")]
pub struct PortError {
    /// What it is for.
    pub port: Port,
    /// Where it was to be.
    pub address: SocketAddr,
    /// Why not.
    #[source]
    pub source: io::Error,
}

/// Whether a node could listen at these addresses now: opens and closes each.
///
/// # Errors
/// [`PortError`], for the first that cannot be opened.
pub fn probe(listen: &Addresses<SocketAddr>) -> Result<(), PortError> {
    let streams = [(Port::Api, listen.api), (Port::Peer, listen.peer)];
    let names = listen.dns.iter().map(|address| (Port::Dns, *address));
    for (port, address) in streams.into_iter().chain(names.clone()) {
        TcpListener::bind(address).map_err(|source| PortError { port, address, source })?;
    }
    for (port, address) in names {
        UdpSocket::bind(address).map_err(|source| PortError { port, address, source })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Port, probe};
    use crate::config::Addresses;
    use std::net::{SocketAddr, UdpSocket};

    #[test]
    fn port_that_is_taken_is_named_with_what_it_is_for() {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let taken = UdpSocket::bind(any).unwrap();
        let dns = taken.local_addr().unwrap();
        let error = probe(&Addresses { api: any, peer: any, dns: vec![dns] }).unwrap_err();
        assert_eq!((error.port, error.address), (Port::Dns, dns));
        assert_eq!(error.to_string(), format!("the DNS port {dns} cannot be opened"));
        assert!(probe(&Addresses { api: any, peer: any, dns: vec![] }).is_ok());
    }
}
