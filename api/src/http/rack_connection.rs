//! One connection over HTTP/2, which is how racks speak: gRPC and nothing else.
//!
//! Until a rack has been let in through its door ([`crate::rack_door`]), a connection is a client's like any other, one of few, and
//! not for long. From then on it counts as a rack's.

use crate::http::client_address::ClientAddress;
use crate::http::faces::Faces;
use crate::http::limits::ClientRoom;
use crate::http::patient::Patient;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::rt::Executor;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::future::pending;
use std::pin::pin;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use tower::Service as _;

/// Calls of a connection at once. A rack has one session; another may be ending while the next begins.
const STREAMS_MAX: u32 = 4;
/// What may be under way unread, of one call and of all of a connection.
const WINDOW_BYTES: u32 = 64 << 10;
/// A frame.
const FRAME_BYTES_MAX: u32 = 16 << 10;
/// What waits to be written of one call.
const SEND_BYTES_MAX: usize = 64 << 10;
/// The head of a call.
const HEADER_LIST_BYTES_MAX: u32 = 16 << 10;
/// Calls opened and given up before they were looked at, and those refused.
const RESETS_MAX: usize = 16;
/// After this much silence a connection is tried, and after as much again it is closed.
const KEEPALIVE: Duration = Duration::from_secs(10);
/// Sessions refused on a connection to who is no rack of this cluster, before it is closed.
const REFUSALS_MAX: usize = 4;
/// What calls get to end once the connection is to close.
const DRAIN_MAX: Duration = Duration::from_secs(4);
/// What the media type of a gRPC call begins with.
const GRPC: &[u8] = b"application/grpc";

/// Answers the calls of a connection until either side has enough, no rack comes in, or the faces are closing.
pub async fn answer(
    (stream, begun): (TcpStream, Bytes),
    client: ClientAddress,
    room: ClientRoom,
    faces: Faces,
) {
    let Faces { racks, limits, mut closing, tasks, .. } = faces;
    // One there is no room for is closed at once: there are other nodes.
    let Some(stranger) = limits.rack_stranger(client.0) else { return };
    let (bounds, door) = (*limits.bounds(), limits.rack_door());
    let (mut inside, mut refused) = (door.inside(), door.refused());
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(client);
        request.extensions_mut().insert(door.clone());
        let mut router = racks.0.clone();
        async move { if is_grpc(&request) { router.call(request).await } else { Ok(only_grpc()) } }
    });
    let patient = Patient::new(stream, begun, bounds.write_time);
    let connection = builder(tasks).serve_connection(TokioIo::new(patient), service);
    let mut connection = pin!(connection);
    let mut of_a_stranger = Some((room, stranger));
    let has_to_end = async {
        loop {
            tokio::select! {
                _closing = closing.wait_for(|closing| *closing) => return,
                _refused = refused.wait_for(|refused| *refused >= REFUSALS_MAX) => return,
                () = nobody_inside(inside.clone(), bounds.rack_entry_time) => return,
                () = somebody_inside(&mut inside, of_a_stranger.is_some()) => of_a_stranger = None,
            }
        }
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = has_to_end => {
            connection.as_mut().graceful_shutdown();
            timeout(DRAIN_MAX, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(client = %client.0, %error, "a connection broke off");
    }
}

fn builder(tasks: TaskTracker) -> http2::Builder<Tracked> {
    let mut builder = http2::Builder::new(Tracked(tasks));
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .max_frame_size(FRAME_BYTES_MAX)
        .max_send_buf_size(SEND_BYTES_MAX)
        .max_header_list_size(HEADER_LIST_BYTES_MAX)
        .max_pending_accept_reset_streams(RESETS_MAX)
        .max_local_error_reset_streams(RESETS_MAX)
        .keep_alive_interval(KEEPALIVE)
        .keep_alive_timeout(KEEPALIVE);
    builder
}

/// Ready when no rack has been inside for so long.
async fn nobody_inside(mut inside: watch::Receiver<usize>, patience: Duration) {
    loop {
        let nobody = inside.wait_for(|inside| *inside == 0).await.map(drop);
        let somebody = async { inside.wait_for(|inside| *inside > 0).await.map(drop) };
        if nobody.is_err() || timeout(patience, somebody).await.is_err() {
            return;
        }
    }
}

/// Ready when the first rack comes in, if it is waited for.
async fn somebody_inside(inside: &mut watch::Receiver<usize>, awaited: bool) {
    if !awaited || inside.wait_for(|inside| *inside > 0).await.is_err() {
        pending().await
    }
}

fn is_grpc(request: &hyper::Request<Incoming>) -> bool {
    let media_type = request.headers().get(CONTENT_TYPE);
    media_type.is_some_and(|media_type| media_type.as_bytes().starts_with(GRPC))
}

/// Other requests would pass by the limits of the HTTP API.
fn only_grpc() -> Response {
    let text = "only gRPC is spoken over HTTP/2 here; the HTTP API speaks HTTP/1.1\n";
    (StatusCode::HTTP_VERSION_NOT_SUPPORTED, text).into_response()
}

/// Starts what a connection does among the tasks of the face.
#[derive(Clone)]
struct Tracked(TaskTracker);

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Tracked {
    fn execute(&self, task: F) {
        self.0.spawn(task);
    }
}
