//! The DNS server of a node as a whole: its sockets, its tasks, its end.

use crate::dns::config::DnsSection;
use crate::dns::forward::Forwarder;
use crate::dns::responder::Responder;
use crate::dns::source::Source;
use crate::dns::transfer::Transfers;
use crate::dns::{notify, tcp, udp};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinSet;

/// How often another port is tried when the one chosen for UDP is taken for TCP.
const PORT_TRIES_MAX: usize = 16;

/// One address, over UDP and TCP.
#[derive(Debug)]
pub struct Sockets {
    udp: UdpSocket,
    tcp: TcpListener,
}

/// A running DNS server. It ends when dropped.
#[derive(Debug)]
pub struct DnsServer {
    tasks: JoinSet<()>,
}

impl Sockets {
    /// Opens both sockets of an address; port 0 stands for any that is free for both.
    ///
    /// # Errors
    /// When one of them is taken or not allowed.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let mut last = None;
        for _ in 0..PORT_TRIES_MAX {
            let udp = UdpSocket::bind(address).await?;
            match TcpListener::bind(udp.local_addr()?).await {
                Ok(tcp) => return Ok(Self { udp, tcp }),
                Err(error) if address.port() != 0 => return Err(error),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
    }

    /// Where questions are taken.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.udp.local_addr()
    }
}

impl DnsServer {
    /// Answers on these sockets from what `source` has applied.
    #[must_use]
    pub fn start(sockets: Vec<Sockets>, config: DnsSection, source: Arc<dyn Source>) -> Self {
        let mut tasks = JoinSet::new();
        for secondary in &config.secondaries {
            tasks.spawn(notify::inform(secondary.0, Arc::clone(&source)));
        }
        let responder = Arc::new(Responder {
            source,
            config,
            forwarder: Forwarder::default(),
            transfers: Transfers::default(),
        });
        for Sockets { udp, tcp } in sockets {
            tasks.spawn(udp::serve(udp, Arc::clone(&responder)));
            tasks.spawn(tcp::serve(tcp, Arc::clone(&responder)));
        }
        Self { tasks }
    }

    /// Ends all tasks and waits for their end.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}
