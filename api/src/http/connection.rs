//! One connection: finds out what it speaks, and answers HTTP/1.1 as long as its peer sends and takes bytes in time.

use crate::http::client_address::ClientAddress;
use crate::http::faces::Faces;
use crate::http::limits::{Bounds, ClientRoom};
use crate::http::patient::Patient;
use crate::http::preface::{self, Begun};
use crate::http::rack_connection;
use axum::Router;
use axum::http::Request;
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::pin::pin;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tower::Service as _;

/// Bytes read ahead of a connection, which bounds the head of a request, and bytes written ahead to it.
const BUFFER_BYTES_MAX: usize = 64 << 10;

/// Answers a connection, whatever it speaks, until either side has enough or the face is closing.
pub async fn converse(
    mut stream: TcpStream,
    client: ClientAddress,
    room: ClientRoom,
    mut faces: Faces,
) {
    let bounds = *faces.limits.bounds();
    let begun = tokio::select! {
        begun = timeout(bounds.header_time, preface::read(&mut stream)) => begun,
        _closing = faces.closing.wait_for(|closing| *closing) => return,
    };
    match begun {
        Ok(Ok(Begun::Http1(begun))) => {
            answer((stream, begun), client, bounds, (faces.router, faces.closing)).await;
            drop(room);
        }
        Ok(Ok(Begun::Http2(begun))) => {
            rack_connection::answer((stream, begun), client, room, faces).await;
        }
        Ok(Err(error)) => tracing::debug!(client = %client.0, %error, "a connection broke off"),
        Err(_late) => tracing::debug!(client = %client.0, "a connection said nothing"),
    }
}

/// Answers the HTTP/1.1 requests of a connection, one after another.
async fn answer(
    (stream, begun): (TcpStream, Bytes),
    client: ClientAddress,
    bounds: Bounds,
    (router, mut closing): (Router, watch::Receiver<bool>),
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(client);
        router.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.header_time)
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(TokioIo::new(Patient::new(stream, begun, bounds.write_time)), service);
    let mut connection = pin!(connection);
    let face_closes = async {
        // A face that is gone closes, too.
        drop(closing.wait_for(|closing| *closing).await);
    };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = face_closes => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(client = %client.0, %error, "a connection broke off");
    }
}
