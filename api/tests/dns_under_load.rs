//! DNS of a node whose API is flooded: its threads are its own.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod dev_cluster;

use dev_cluster::DevCluster;
use regent_api::cli::client::Call;
use reqwest::{Client, Method};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Connections that ask for a large list again and again.
const CONNECTIONS: usize = 300;
/// Objects in that list: as many as a page has.
const LISTED: usize = 1000;
/// Objects made with one request.
const BATCH: usize = 500;
/// Who asks DNS at the same time, how often each at least, and how many lists come meanwhile.
const RESOLVERS: usize = 4;
const QUESTIONS_EACH_MIN: usize = 250;
const LISTS_MIN: usize = CONNECTIONS;
/// What a client of DNS waits for an answer before it asks another server (as `dig` does).
const CLIENT_DEADLINE: Duration = Duration::from_secs(5);
/// What an answer over HTTP may take here, where so many wait for each other.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the flood has done so far.
#[derive(Default)]
struct Flood {
    /// Whole lists that came.
    lists: AtomicUsize,
    over: AtomicBool,
}

/// Asks for the list on one connection until the flood is over. What is too much may be refused.
async fn flood(url: String, flood: Arc<Flood>) {
    let client = Client::builder().timeout(PATIENCE).build().unwrap();
    while !flood.over.load(Ordering::Relaxed) {
        let answer = client.get(&url).send().await.unwrap();
        let is_good = answer.status().is_success();
        assert!(is_good || matches!(answer.status().as_u16(), 429 | 503), "{answer:?}");
        answer.bytes().await.unwrap();
        flood.lists.fetch_add(usize::from(is_good), Ordering::Relaxed);
    }
}

/// Asks `maas SOA` until that was often enough, and never for the same answer twice: each question must be answered, and
/// in time.
async fn resolve(server: SocketAddr, flood: Arc<Flood>) -> usize {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(server).await.unwrap();
    let mut answer = [0; 512];
    let mut number = 0;
    while number < QUESTIONS_EACH_MIN || flood.lists.load(Ordering::Relaxed) < LISTS_MIN {
        let id = u16::try_from(number % (1 << 16)).unwrap().to_be_bytes();
        let question = [&id[..], b"\0\0\0\x01\0\0\0\0\0\0\x04maas\0\0\x06\0\x01"].concat();
        socket.send(&question).await.unwrap();
        let answered = timeout(CLIENT_DEADLINE, socket.recv(&mut answer)).await;
        answered.unwrap_or_else(|_| panic!("question {number} is lost")).unwrap();
        assert_eq!(answer[..2], id, "an answer to each question, in order");
        assert_eq!((answer[3] & 0xF, answer[7]), (0, 1), "one SOA record");
        number += 1;
    }
    number
}

#[tokio::test(flavor = "multi_thread")]
async fn every_question_is_answered_in_time_while_the_api_is_flooded() {
    let cluster = DevCluster::start(&["--nodes", "1", "--demo", "none"]).await;
    for start in (0..LISTED).step_by(BATCH) {
        let tags = start..start + BATCH;
        let tags = tags.map(|n| json!({ "name": format!("t{n}"), "comment": "x".repeat(200) }));
        let create = Call::write(Method::POST, "/v1/tags", Some(tags.collect()));
        cluster.client().call(&create).await.unwrap();
    }
    let node = &cluster.record.nodes[0];
    let url = format!("http://{}/v1/tags?limit={LISTED}", node.api);
    let shared = Arc::new(Flood::default());
    let mut clients = JoinSet::new();
    for number in 0..CONNECTIONS {
        // As it is kept, or sorted, for which only a few at a time get room.
        let order = if number.is_multiple_of(2) { "" } else { "&sort=-comment" };
        clients.spawn(flood(format!("{url}{order}"), Arc::clone(&shared)));
    }
    let server: SocketAddr = node.dns.parse().unwrap();
    let resolvers: JoinSet<usize> =
        (0..RESOLVERS).map(|_| resolve(server, Arc::clone(&shared))).collect();
    let asked = timeout(PATIENCE, resolvers.join_all()).await.expect("lists are answered, too");
    let ended = clients.try_join_next();
    assert!(ended.is_none(), "all connections were at work to the end: {ended:?}");
    shared.over.store(true, Ordering::Relaxed);
    let ended = timeout(PATIENCE, clients.join_all()).await;
    ended.expect("each gets its last answer");
    let metrics = reqwest::get(format!("http://{}/metrics", node.api)).await.unwrap();
    let counted = asked.iter().sum::<usize>();
    let line = format!("regent_dns_questions_total{{transport=\"udp\"}} {counted}");
    let text = metrics.text().await.unwrap();
    assert!(text.lines().any(|shown| shown == line), "{line} in\n{text}");
}
