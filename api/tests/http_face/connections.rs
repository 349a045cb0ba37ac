//! Clients that send too slowly, or read nothing.

use crate::face::{Face, PATIENCE, bounds};
use regent_api::http::limits::Bounds;
use regent_raft::config::RaftConfig;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// Connections of all clients here.
const CONNECTIONS_MAX: usize = 8;
/// KiB of large answers: enough for one full page.
const ANSWERS_KIB: u32 = 4500;
/// Objects that are more than a page together, and the bytes of a text of each.
const LARGE: (usize, usize) = (300, 16_000);

async fn face(bounds: Bounds) -> Face {
    Face::with_bounds(bounds, RaftConfig::default()).await
}

/// A connection that has sent this much of a request.
async fn begun(face: &Face, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(face.address).await.unwrap();
    // One over the bound may be closed before anything is sent.
    drop(stream.write_all(head.as_bytes()).await);
    stream
}

/// Asks on a connection that is kept open whether the node lives.
async fn lives(stream: &mut TcpStream) -> bool {
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    while !answer.ends_with('}') {
        let mut bytes = [0; 1024];
        let read = timeout(PATIENCE, stream.read(&mut bytes)).await.unwrap().unwrap();
        assert_ne!(read, 0, "the connection is kept: {answer}");
        answer.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
    answer.starts_with("HTTP/1.1 200")
}

/// Waits until the other side ends the connection.
async fn closed(mut stream: TcpStream) {
    drop(stream.read_to_end(&mut Vec::new()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_requests_are_closed_in_time_and_health_answers_throughout() {
    let bounds = Bounds {
        connections_of_loopback: CONNECTIONS_MAX,
        header_time: Duration::from_secs(2),
        ..bounds()
    };
    let face = face(bounds).await;
    let mut watching = TcpStream::connect(face.address).await.unwrap();
    assert!(lives(&mut watching).await);
    let mut half = Vec::new();
    for _ in 0..=CONNECTIONS_MAX {
        half.push(begun(&face, "GET /v1/spaces HTTP/1.1\r\nHost: local").await);
    }
    let all_closed = async {
        for stream in half {
            closed(stream).await;
        }
    };
    let answers = async {
        loop {
            assert!(lives(&mut watching).await);
        }
    };
    tokio::select! {
        ended = timeout(PATIENCE, all_closed) => ended.expect("half requests are closed"),
        () = answers => {}
    }
    assert_eq!(face.get("/v1/spaces").await.status, 200);
}

async fn with_large_tags(bounds: Bounds) -> Face {
    let face = face(bounds).await;
    let (number, bytes) = LARGE;
    let names: Vec<usize> = (0..number).collect();
    for names in names.chunks(50) {
        let tag = |n: &usize| json!({ "name": format!("t{n}"), "comment": "x".repeat(bytes) });
        face.create("/v1/tags", names.iter().map(tag).collect::<Value>()).await;
    }
    face
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn page_of_large_objects_ends_early_and_the_next_goes_on() {
    let face = with_large_tags(bounds()).await;
    for order in ["", "&sort=name", "&sort=-comment"] {
        let mut sizes = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/v1/tags?limit=1000{order}{cursor}");
            let page = face.get(&path).await.good();
            sizes.push(page["items"].as_array().unwrap().len());
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(sizes.iter().sum::<usize>(), LARGE.0, "{order}");
        assert!(sizes.len() == 2 && sizes[0] * LARGE.1 < 5 << 20, "{order} {sizes:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_nobody_reads_are_bounded_and_cut_off() {
    let write_time = Duration::from_secs(2);
    let face = with_large_tags(Bounds { answers_kib: ANSWERS_KIB, write_time, ..bounds() }).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut idle = socket.connect(face.address).await.unwrap();
    let request = format!("GET /v1/tags?limit=1000 HTTP/1.1\r\nHost: {}\r\n\r\n", face.address);
    idle.write_all(request.as_bytes()).await.unwrap();
    let limits = &face.context.limits;
    let until = async |all_free: bool| {
        while (limits.answers_kib_free() == ANSWERS_KIB as usize) != all_free {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, until(false)).await.expect("the answer begins");
    let refused = face.get("/v1/tags?limit=1000").await;
    assert_eq!((refused.status.as_u16(), refused.code()), (429, "E0103"));
    let written = face.create("/v1/spaces", json!({ "name": "small" })).await;
    assert_eq!(written["name"], "small", "small answers go on");
    timeout(PATIENCE, until(true)).await.expect("who reads nothing is cut off");
    assert_eq!(face.get("/v1/tags?limit=1000").await.status, 200);
    drop(idle);
}
