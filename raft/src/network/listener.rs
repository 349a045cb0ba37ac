//! Serves a node's peers: on a socket, where there are so many connections, each of which must introduce itself in
//! time, or on the wires of a simulation.

use crate::network::intake::Intake;
use crate::network::limits::{
    ARRIVING_BYTES_MAX, CONNECTIONS_MAX, HEADER_LIST_BYTES_MAX, MESSAGE_BYTES_MAX,
    STREAMS_PER_CONNECTION_MAX, WINDOW_BYTES,
};
use crate::network::server::PeerService;
use crate::network::wire::{WireRequest, Wires};
use crate::state_machine::snapshot_file::SnapshotFile;
use crate::type_config::TypeConfig;
use futures::FutureExt as _;
use futures::stream::{self, Stream};
use openraft::storage::RaftStateMachine;
use regent_proto::peer::peer_server::PeerServer;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{self, Sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::codegen::Service as _;
use tonic::transport::Server;
use tonic::transport::server::{Connected, TcpConnectInfo};

/// Bytes of the HTTP/2 preface: who has not sent them has said nothing.
const PREFACE_BYTES: usize = 24;

/// Pause after `accept` failed, which it does at once again while the process is out of file descriptors.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// Streams a peer may open and reset before they were served.
const PENDING_RESETS_MAX: usize = 64;

/// Serves until `shutdown`, then lets open requests end for the drain time and closes what is left.
///
/// # Errors
/// What made serving impossible. Failures of single connections are theirs alone.
pub async fn serve<SM>(
    listener: TcpListener,
    service: PeerService<SM>,
    shutdown: CancellationToken,
) -> Result<(), tonic::transport::Error>
where
    SM: RaftStateMachine<TypeConfig, SnapshotData = SnapshotFile>,
{
    let timeouts = service.timeouts.clone();
    let cut = CancellationToken::new();
    let door = Door {
        listener,
        places: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
        preface_max: timeouts.message,
        cut: cut.clone(),
    };
    let service = bounded(service);
    let serving = Server::builder()
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .max_concurrent_streams(STREAMS_PER_CONNECTION_MAX)
        .http2_keepalive_interval(Some(timeouts.keepalive))
        .http2_keepalive_timeout(Some(timeouts.keepalive))
        .http2_max_header_list_size(HEADER_LIST_BYTES_MAX)
        .http2_max_pending_accept_reset_streams(Some(PENDING_RESETS_MAX))
        .add_service(service)
        .serve_with_incoming_shutdown(door.connections(), shutdown.clone().cancelled_owned());
    let drained = async {
        shutdown.cancelled().await;
        time::sleep(timeouts.drain).await;
        cut.cancel();
        std::future::pending().await
    };
    tokio::select! {
        biased;
        served = serving => served,
        never = drained => never,
    }
}

/// Answers what comes over the wires of a simulation, until `shutdown`.
pub async fn serve_simulated<SM>(
    wires: &dyn Wires,
    service: PeerService<SM>,
    shutdown: CancellationToken,
) where
    SM: RaftStateMachine<TypeConfig, SnapshotData = SnapshotFile>,
{
    let service = bounded(service);
    let answering = move |request: WireRequest| {
        let answer = service.clone().call(request);
        answer.map(|Ok(answer)| answer).boxed()
    };
    wires.serve(Arc::new(answering), shutdown).await;
}

/// The service behind the bounds of what may arrive.
fn bounded<SM>(service: PeerService<SM>) -> Intake<PeerServer<PeerService<SM>>>
where
    SM: RaftStateMachine<TypeConfig, SnapshotData = SnapshotFile>,
{
    let message_max = service.timeouts.message;
    let service = PeerServer::new(service)
        .max_decoding_message_size(MESSAGE_BYTES_MAX)
        .max_encoding_message_size(MESSAGE_BYTES_MAX);
    Intake::new(service, ARRIVING_BYTES_MAX, message_max)
}

/// Where connections come in.
struct Door {
    listener: TcpListener,
    places: Arc<Semaphore>,
    preface_max: Duration,
    cut: CancellationToken,
}

impl Door {
    fn connections(self) -> impl Stream<Item = io::Result<Connection>> {
        stream::unfold(self, |door| async move {
            let connection = door.next().await;
            Some((Ok(connection), door))
        })
    }

    async fn next(&self) -> Connection {
        loop {
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "could not accept a peer's connection");
                    time::sleep(ACCEPT_RETRY).await;
                    continue;
                }
            };
            let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
                tracing::warn!("closed a peer's connection: there are {CONNECTIONS_MAX} already");
                continue;
            };
            // Without it answers wait for acknowledgements; a socket that fails here fails in its first read.
            stream.set_nodelay(true).ok();
            return Connection {
                stream,
                unread_preface: PREFACE_BYTES,
                preface_due: Box::pin(time::sleep(self.preface_max)),
                cut: Box::pin(self.cut.clone().cancelled_owned()),
                _place: place,
            };
        }
    }
}

/// A peer's connection, which holds its place among those allowed.
struct Connection {
    stream: TcpStream,
    unread_preface: usize,
    preface_due: Pin<Box<Sleep>>,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    fn poll_end(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if self.cut.as_mut().poll(context).is_ready() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        if self.unread_preface > 0 && self.preface_due.as_mut().poll(context).is_ready() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_end(context)?;
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let read = buffer.filled().len() - before;
        self.unread_preface = self.unread_preface.saturating_sub(read);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}
