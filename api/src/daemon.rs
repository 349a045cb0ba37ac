//! A region node as a process: opens the ports, starts the region on threads of its own, serves, stops in order.

use crate::config::FileConfig;
use crate::dns::server::{DnsServer, Sockets};
use crate::dns_figures::DnsFigures;
use crate::grpc::Racks;
use crate::http;
use crate::http::context::Context;
use crate::http::faces::RackFace;
use crate::http::limits::Bounds;
use crate::open_files;
use crate::ports::{Port, PortError};
use regent_raft::clock::SystemClock;
use regent_raft::error::StartError;
use regent_raft::exclusion::Exclusion;
use regent_raft::log_store::amnesia::OpenError;
use regent_raft::log_store::store::LogOptions;
use regent_raft::region::amnesiac;
use regent_raft::region::handle::Region;
use regent_raft::region::start::StartOptions;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Threads for Raft, apart from those that serve clients, so that load on the API does not delay heartbeats.
const RAFT_THREADS: usize = 2;
/// Threads for DNS, apart from the same, so that heavy requests do not delay its answers.
const DNS_THREADS: usize = 2;
/// How long a node that starts waits for a leader before it answers DNS from what it has.
const LEADERLESS_START_MAX: Duration = Duration::from_secs(3);
/// What open requests get to end.
const DRAIN_MAX: Duration = Duration::from_secs(5);

/// How a node ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to stop.
    OnRequest,
    /// It could not go on; the log says why.
    ByFailure,
    /// It may not take part any more, now or after a restart.
    Excluded(Exclusion),
}

/// Runs the node in `directory` until it is asked to stop or fails.
///
/// # Errors
/// When it cannot start.
pub fn run(directory: &Path, config: &FileConfig) -> anyhow::Result<Ended> {
    run_on(directory, config, LogOptions::default())
}

/// The same on a log run in another way: for harnesses that show what happens without the care it takes.
///
/// # Errors
/// When it cannot start.
pub fn run_on(directory: &Path, config: &FileConfig, log: LogOptions) -> anyhow::Result<Ended> {
    let raft_config = config.validate()?;
    let files = open_files::raise();
    if config.insecure_no_auth {
        tracing::warn!(
            "listening without authentication: whoever reaches the ports can change everything"
        );
    }
    let serving = Builder::new_multi_thread().thread_name("serve").enable_all().build()?;
    let consensus = Builder::new_multi_thread()
        .worker_threads(RAFT_THREADS)
        .thread_name("raft")
        .enable_all()
        .build()?;
    let naming = Builder::new_multi_thread()
        .worker_threads(DNS_THREADS)
        .thread_name("dns")
        .enable_all()
        .build()?;
    serving.block_on(async {
        let api = bind(Port::Api, config.listen.api).await?;
        let peer = bind(Port::Peer, config.listen.peer).await?;
        let dns = naming.spawn(bind_dns(config.listen.dns.clone())).await??;
        let options = StartOptions {
            data_dir: directory.to_owned(),
            advertise_peer: config.advertise.peer.clone(),
            advertise_api: config.advertise.api.clone(),
            host: peer.into(),
            config: raft_config,
            log,
            clock: Arc::new(SystemClock),
            fatal: Box::new(|error| {
                // What was acknowledged is durable; nothing later may be. Ending at once keeps it so.
                tracing::error!(%error, "the log failed, so this node ends now");
                std::process::abort();
            }),
        };
        let region = match start(&consensus, options).await {
            Ok(region) => region,
            Err(error) => return Err(refuse_peers_after(error, directory, config).await),
        };
        let identity = region.identity();
        tracing::info!(
            node = identity.name, node_id = identity.node_id, cluster_id = identity.cluster_id,
            api = %config.listen.api, "region node started"
        );
        let figures = Arc::new(DnsFigures::default());
        let mut dns = {
            let _its_threads = naming.enter();
            let source = Arc::new(region.clone());
            let region = region.clone();
            let is_current = async move { region.caught_up(LEADERLESS_START_MAX).await };
            DnsServer::start(dns, config.dns.clone(), source, Arc::clone(&figures), is_current)
        };
        let bounds = Bounds::default().for_open_files(files);
        let context = Context { dns: figures, ..Context::within(bounds, region.clone()) };
        let racks = Racks::start(region, Arc::clone(&context.racks));
        let ended = serve(api, context, &racks, &mut dns).await;
        dns.stop().await;
        ended
    })
}

async fn bind(port: Port, address: std::net::SocketAddr) -> Result<TcpListener, PortError> {
    let refused = |source| PortError { port, address, source };
    TcpListener::bind(address).await.map_err(refused)
}

async fn bind_dns(addresses: Vec<std::net::SocketAddr>) -> Result<Vec<Sockets>, PortError> {
    let mut sockets = Vec::with_capacity(addresses.len());
    for address in addresses {
        let refused = |source| PortError { port: Port::Dns, address, source };
        sockets.push(Sockets::bind(address).await.map_err(refused)?);
    }
    Ok(sockets)
}

async fn start(consensus: &Runtime, options: StartOptions) -> anyhow::Result<Region> {
    Ok(consensus.spawn(Region::start(options)).await??)
}

/// A node without memory stays up to say so, to its peers and in its log, until it is stopped.
async fn refuse_peers_after(
    error: anyhow::Error,
    directory: &Path,
    config: &FileConfig,
) -> anyhow::Error {
    if !matches!(error.downcast_ref(), Some(StartError::Open(OpenError::Amnesia { .. }))) {
        return error;
    }
    tracing::error!("ALARM: {error:#}");
    let stop = CancellationToken::new();
    let answering = async {
        let listener = bind(Port::Peer, config.listen.peer).await?;
        amnesiac::serve(listener, directory, stop.clone()).await.map_err(anyhow::Error::from)
    };
    let stopped = async {
        if let Err(error) = signalled().await {
            tracing::error!(%error, "signals cannot be waited for");
        }
        stop.cancel();
        Ok(())
    };
    match tokio::try_join!(answering, stopped) {
        Ok(_) => error,
        Err(failure) => failure.context(error),
    }
}

async fn serve(
    listener: TcpListener,
    context: Context,
    racks: &Racks,
    dns: &mut DnsServer,
) -> anyhow::Result<Ended> {
    let region = context.region.clone();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stopped = async move { drop(stopped.await) };
    let rack_face = RackFace::of(racks.service());
    let mut server = tokio::spawn(http::serve(listener, context, rack_face, stopped));
    let ended = tokio::select! {
        ended = asked_to_stop(&region) => ended?,
        () = dns.failed() => Ended::ByFailure,
        () = racks.failed() => {
            tracing::error!("racks are not told any more what they serve, so this node stops");
            Ended::ByFailure
        }
        gone = &mut server => {
            let panicked = gone.is_err();
            tracing::error!(panicked, "the API is served no more, so this node stops");
            Ended::ByFailure
        }
    };
    match &ended {
        // What this node holds may be wrong: nobody is answered from it any more.
        Ended::Excluded(_) => dns.fall_silent(),
        // Leadership goes first, while requests are still answered: they meet the new leader, not an error.
        Ended::OnRequest | Ended::ByFailure => {
            if let Err(error) = region.hand_over().await {
                tracing::warn!(%error, "leadership could not be handed over");
            }
        }
    }
    if timeout(DRAIN_MAX, racks.stop()).await.is_err() {
        tracing::warn!("some racks were not sent elsewhere in time");
    }
    stop.send(()).unwrap_or_default();
    if !server.is_finished() && timeout(DRAIN_MAX, server).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
    region.stop().await;
    tracing::info!("region node stopped");
    Ok(ended)
}

async fn asked_to_stop(region: &Region) -> anyhow::Result<Ended> {
    tokio::select! {
        signalled = signalled() => signalled.map(|()| Ended::OnRequest).map_err(Into::into),
        () = region.stopping().cancelled() => {
            Ok(region.exclusion().map_or(Ended::ByFailure, Ended::Excluded))
        }
    }
}

async fn signalled() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    }
}
