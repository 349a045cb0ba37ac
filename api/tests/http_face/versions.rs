//! Which HTTP the port speaks: HTTP/1.1 to everybody, HTTP/2 to racks, each within bounds of its own.

use crate::face::{Face, PATIENCE, bounds};
use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, Request};
use axum::http::StatusCode;
use hyper::client::conn::http2::{Connection, SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use regent_api::http::faces::RackFace;
use regent_api::http::limits::{Bounds, Limits};
use regent_api::rack_door::RackDoor;
use regent_raft::config::RaftConfig;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

type Http2 = Connection<TokioIo<TcpStream>, Body, TokioExecutor>;

async fn http2(face: &Face) -> Result<(SendRequest<Body>, Http2), hyper::Error> {
    let stream = TcpStream::connect(face.address).await.unwrap();
    handshake(TokioExecutor::new(), TokioIo::new(stream)).await
}

/// A connection that goes on by itself.
async fn open(face: &Face) -> SendRequest<Body> {
    let (requests, connection) = http2(face).await.unwrap();
    tokio::spawn(connection);
    requests
}

async fn ask(requests: &mut SendRequest<Body>, path: &str, media_type: &str) -> StatusCode {
    let request = Request::post(format!("http://regent{path}")).header("content-type", media_type);
    let request = requests.send_request(request.body(Body::empty()).unwrap());
    timeout(PATIENCE, request).await.unwrap().unwrap().status()
}

/// Lets everybody in for ever who asks.
fn open_door() -> RackFace {
    async fn enter(Extension(door): Extension<RackDoor>) -> StatusCode {
        let Some(inside) = door.enter() else { return StatusCode::TOO_MANY_REQUESTS };
        std::mem::forget(inside);
        StatusCode::OK
    }
    RackFace::of(Router::new().fallback(enter))
}

async fn with_open_door(bounds: Bounds) -> Face {
    Face::with_racks(bounds, RaftConfig::default(), open_door()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_2_is_for_grpc_and_the_http_api_is_not_there() {
    let face = Face::start().await;
    let mut requests = open(&face).await;
    let refused = ask(&mut requests, "/v1/spaces", "application/json").await;
    assert_eq!(refused, StatusCode::HTTP_VERSION_NOT_SUPPORTED);
    let grpc = ask(&mut requests, "/v1/spaces", "application/grpc+proto").await;
    assert_eq!(grpc, StatusCode::NOT_FOUND, "nobody answers racks here");
    assert_eq!(face.get("/v1/spaces").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connection_on_which_no_rack_comes_in_is_closed_in_time() {
    let rack_entry_time = Duration::from_millis(100);
    let face = with_open_door(Bounds { rack_entry_time, ..bounds() }).await;
    let (requests, idle) = http2(&face).await.unwrap();
    timeout(PATIENCE, idle).await.expect("it is closed").unwrap();
    drop(requests);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connection_on_which_strangers_are_refused_again_and_again_is_closed() {
    async fn refuse(Extension(door): Extension<RackDoor>) -> StatusCode {
        door.refuse();
        StatusCode::OK
    }
    let racks = RackFace::of(Router::new().fallback(refuse));
    let face = Face::with_racks(bounds(), RaftConfig::default(), racks).await;
    let (mut requests, connection) = http2(&face).await.unwrap();
    let closed = tokio::spawn(connection);
    for _ in 0..3 {
        assert_eq!(ask(&mut requests, "/", "application/grpc").await, StatusCode::OK);
    }
    assert!(!closed.is_finished(), "one may err");
    assert_eq!(ask(&mut requests, "/", "application/grpc").await, StatusCode::OK);
    let at_once = timeout(Bounds::default().rack_entry_time / 2, closed);
    at_once.await.expect("it is closed").unwrap().unwrap();
}

#[test]
fn one_client_cannot_take_all_room_of_those_who_are_no_rack_yet() {
    let bounds = Bounds { rack_strangers_per_client: 2, ..bounds() };
    let limits = Limits::new(bounds);
    let stranger = |client: &str| limits.rack_stranger(client.parse().unwrap());
    let first = [stranger("2001:db8::1").unwrap(), stranger("2001:db8::2").unwrap()];
    assert!(stranger("2001:db8::3").is_none(), "it is the same network");
    let other = stranger("192.0.2.1");
    assert!(other.is_some());
    drop(first);
    assert!(stranger("2001:db8::3").is_some());
}

#[test]
fn connection_stays_for_as_long_as_a_session_may_take_to_be_opened() {
    let to_open = regent_api::grpc::limits::HELLO_TIME + regent_api::grpc::limits::OPEN_TIME;
    let stays = Bounds::default().rack_entry_time;
    assert!(stays > to_open && stays < to_open * 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_preface_is_closed_in_time() {
    let header_time = Duration::from_millis(100);
    let face = with_open_door(Bounds { header_time, ..bounds() }).await;
    for begun in ["", "PRI * HTTP/2.0\r\n"] {
        let mut stream = TcpStream::connect(face.address).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        let end = timeout(PATIENCE, stream.read_to_end(&mut Vec::new())).await;
        drop(end.expect("it is closed"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racks_that_were_let_in_take_no_room_of_clients_and_there_is_room_for_so_many() {
    let bounds = Bounds {
        connections_of_loopback: 2,
        rack_strangers: 1,
        racks: 3,
        rack_entry_time: Duration::from_secs(1),
        ..bounds()
    };
    let face = with_open_door(bounds).await;
    let limits = &face.context.limits;
    let mut racks = Vec::new();
    for _ in 0..3 {
        let mut requests = open(&face).await;
        assert_eq!(ask(&mut requests, "/", "application/grpc").await, StatusCode::OK);
        let let_in = async {
            while limits.connections_open() > 0 {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, let_in).await.expect("it counts as a client no more");
        racks.push(requests);
    }
    assert_eq!(limits.racks_open(), 3);
    let (mut one_more, connection) = http2(&face).await.unwrap();
    let closed = tokio::spawn(connection);
    let refused = ask(&mut one_more, "/", "application/grpc").await;
    assert_eq!(refused, StatusCode::TOO_MANY_REQUESTS);
    timeout(PATIENCE, closed).await.expect("it is let go, no rack being inside").unwrap().unwrap();
    for mut rack in racks {
        assert_eq!(ask(&mut rack, "/", "application/grpc").await, StatusCode::OK, "it stays");
    }
    let left = async {
        while limits.racks_open() > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, left).await.expect("whoever hangs up makes room");
}
