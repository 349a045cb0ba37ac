//! The DNS server of a node as a whole: its sockets, its tasks, its end.

use crate::dns::config::{DnsSection, Upstream};
use crate::dns::connections::Connections;
use crate::dns::datagrams::Datagrams;
use crate::dns::listening::Listening;
use crate::dns::rate::RateLimit;
use crate::dns::responder::Responder;
use crate::dns::source::Source;
use crate::dns::{notify, tcp, udp};
use crate::dns_figures::DnsFigures;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often another port is tried when the one chosen for UDP is taken for TCP.
const PORT_TRIES_MAX: usize = 16;

/// One address, over UDP and TCP.
#[derive(Debug)]
pub struct Sockets {
    udp: Datagrams,
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
                Ok(tcp) => return Ok(Self { udp: Datagrams::new(udp)?, tcp }),
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
    /// Answers on these sockets from what `source` has applied, and counts in `figures`. Questions that come before
    /// `is_current` ends wait in the sockets: from a state that is behind, a serial would go back.
    #[must_use]
    pub fn start(
        sockets: Vec<Sockets>,
        config: DnsSection,
        source: Arc<dyn Source>,
        figures: Arc<DnsFigures>,
        is_current: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let mut tasks = JoinSet::new();
        let (begin, begun) = watch::channel(false);
        tasks.spawn(async move {
            is_current.await;
            begin.send_replace(true);
            pending().await
        });
        for secondary in &config.secondaries {
            let (source, figures) = (Arc::clone(&source), Arc::clone(&figures));
            tasks.spawn(notify::inform(secondary.0, source, figures));
        }
        let listening = sockets.iter().filter_map(|own| own.local_addr().ok());
        let listening = Listening(listening.collect());
        for Upstream(own) in config.upstreams.iter().filter(|one| listening.includes(one.0)) {
            tracing::warn!(upstream = %own, "nothing is forwarded there: it is this node itself");
        }
        let limit = Arc::new(RateLimit::new(config.answers_per_second, Instant::now()));
        let connections = Arc::new(Connections::default());
        let responder =
            Arc::new(Responder { figures, ..Responder::new(source, config, listening) });
        for Sockets { udp, tcp } in sockets {
            let over_udp = udp::serve(udp, Arc::clone(&responder), Arc::clone(&limit));
            let over_tcp = tcp::serve(tcp, Arc::clone(&responder), Arc::clone(&connections));
            tasks.spawn(after(begun.clone(), over_udp));
            tasks.spawn(after(begun.clone(), over_tcp));
        }
        Self { tasks }
    }

    /// Ends when a task does that should have gone on: then a socket is no longer served, or a secondary no longer told.
    pub async fn failed(&mut self) {
        match self.tasks.join_next().await {
            Some(Ok(())) => tracing::error!("a task of the DNS server ended"),
            Some(Err(error)) => tracing::error!(%error, "a task of the DNS server failed"),
            None => pending().await,
        }
    }

    /// Answers nothing from now on. What is left is to be stopped.
    pub fn fall_silent(&mut self) {
        self.tasks.abort_all();
    }

    /// Ends all tasks and waits for their end.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

/// Serves once it has begun.
async fn after(mut begun: watch::Receiver<bool>, serving: impl Future<Output = ()>) {
    if begun.wait_for(|begun| *begun).await.is_ok() {
        serving.await;
    }
}

#[cfg(test)]
mod tests {
    use super::DnsServer;
    use std::future::pending;
    use tokio::task::JoinSet;

    #[tokio::test]
    async fn end_of_one_task_is_noticed_while_others_go_on() {
        let mut server = DnsServer { tasks: JoinSet::new() };
        server.tasks.spawn(pending());
        server.tasks.spawn(async { panic!("a fault, as the test wants it") });
        server.failed().await;
        server.stop().await;
    }
}
