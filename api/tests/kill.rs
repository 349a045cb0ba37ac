//! Three processes, clients that mostly write through followers, and a leader that is killed again and again:
//! whatever was acknowledged is on every node, nothing is there twice, and all nodes end in the same state.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod dev_cluster;

use dev_cluster::{DevCluster, PATIENCE, all};
use regent_api::cli::client::{Call, Client};
use regent_api::cli::failure::Failure;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Clients at the same time; every other one sends keys.
const WRITERS: usize = 12;
/// How often the leader is killed.
const KILLS: usize = 3;
/// Acknowledged writes before each kill, and after it.
const WRITES_EACH_SIDE: usize = 60;
/// How long a client tries one write.
const WRITE_MAX: Duration = Duration::from_secs(15);

/// Whether a client's writes carry keys, so that it may repeat them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keys {
    Sent,
    None,
}

#[derive(Debug, Default)]
struct Log {
    acknowledged: Vec<String>,
    unknown_with_key: Vec<String>,
    unknown_without_key: Vec<String>,
}

struct Writer {
    /// One client for each node that may lead, in this writer's order.
    clients: Vec<Client>,
    leader: watch::Receiver<Option<usize>>,
    acknowledged: watch::Sender<usize>,
    keys: Keys,
    mark: String,
}

impl Writer {
    async fn write(self) -> Log {
        let mut log = Log::default();
        for number in 0_usize.. {
            let Some(leader) = *self.leader.borrow() else { break };
            let mark = format!("{} {number}", self.mark);
            let mut call =
                Call::write(Method::POST, "/v1/machines", Some(json!({ "description": mark })));
            if self.keys == Keys::None {
                call.key = None;
            }
            match (self.clients[leader].call(&call).await, self.keys) {
                (Ok(_), _) => {
                    log.acknowledged.push(mark);
                    self.acknowledged.send_modify(|count| *count += 1);
                }
                (Err(Failure::OutcomeUnknown { .. }), Keys::Sent) => {
                    log.unknown_with_key.push(mark)
                }
                (Err(Failure::OutcomeUnknown { .. }), Keys::None) => {
                    log.unknown_without_key.push(mark)
                }
                // Refused for good: certainly not applied.
                (Err(_), _) => {}
            }
        }
        log
    }
}

/// The addresses a writer asks, in its order: two of three begin with a follower, the third with the leader, whose
/// death cuts it off in mid-write.
fn order_of(addresses: &[String], leader: usize, writer: usize) -> Vec<String> {
    let mut order = addresses.to_vec();
    let leader = order.remove(leader);
    match writer % 3 {
        2 => order.insert(0, leader),
        follower => {
            order.rotate_left(follower);
            order.push(leader);
        }
    }
    order
}

fn start_writers(
    cluster: &DevCluster,
    leader: &watch::Receiver<Option<usize>>,
    acknowledged: &watch::Sender<usize>,
) -> Vec<JoinHandle<Log>> {
    let addresses = cluster.addresses();
    let writer = |number: usize| {
        let leaders = 0..addresses.len();
        let clients = leaders
            .map(|leader| Client::new(&order_of(&addresses, leader, number), WRITE_MAX).unwrap());
        let keys = if number.is_multiple_of(2) { Keys::Sent } else { Keys::None };
        let (leader, acknowledged) = (leader.clone(), acknowledged.clone());
        let mark = format!("writer {number}");
        tokio::spawn(
            Writer { clients: clients.collect(), leader, acknowledged, keys, mark }.write(),
        )
    };
    (0..WRITERS).map(writer).collect()
}

async fn index_of_leader(cluster: &DevCluster) -> usize {
    let leader = cluster.leader().await.name;
    cluster.record.nodes.iter().position(|node| node.name == leader).unwrap()
}

async fn more_writes(acknowledged: &mut watch::Receiver<usize>) {
    let wanted = *acknowledged.borrow() + WRITES_EACH_SIDE;
    let reached = acknowledged.wait_for(|count| *count >= wanted);
    timeout(PATIENCE, reached).await.expect("writes go on").unwrap();
}

fn same_everywhere(view: &Value, field: &str) -> bool {
    let nodes = view["nodes"].as_array().unwrap();
    nodes.iter().all(|node| !node[field].is_null() && node[field] == nodes[0][field])
}

#[tokio::test]
async fn killed_leaders_lose_nothing_and_double_nothing() {
    let cluster = DevCluster::start(&["--demo", "none"]).await;
    let (leader, known_leader) = watch::channel(Some(index_of_leader(&cluster).await));
    let (acknowledged, mut progress) = watch::channel(0);
    let writers = start_writers(&cluster, &known_leader, &acknowledged);
    for _ in 0..KILLS {
        let leads = index_of_leader(&cluster).await;
        leader.send_replace(Some(leads));
        more_writes(&mut progress).await;
        let name = &cluster.record.nodes[leads].name;
        cluster.dev(&["kill", name]).await;
        more_writes(&mut progress).await;
        cluster.dev(&["start", name]).await;
        cluster.until("all voters answer", |view| view["healthy_voters"] == 3).await;
    }
    leader.send_replace(None);
    let mut log = Log::default();
    for writer in writers {
        let Log { acknowledged, unknown_with_key, unknown_without_key } = writer.await.unwrap();
        log.acknowledged.extend(acknowledged);
        log.unknown_with_key.extend(unknown_with_key);
        log.unknown_without_key.extend(unknown_without_key);
    }

    assert_eq!(log.unknown_with_key, Vec::<String>::new(), "a key always finds its outcome");
    let view =
        cluster.until("all nodes are level", |view| same_everywhere(view, "applied_index")).await;
    assert!(same_everywhere(&view, "digest"), "{view:#}");
    for node in &cluster.record.nodes {
        let client = Client::new(std::slice::from_ref(&node.api), PATIENCE).unwrap();
        let mut found: BTreeMap<String, usize> = BTreeMap::new();
        for machine in all(&client, "/v1/machines").await.unwrap() {
            *found.entry(machine["description"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        let lost: Vec<_> =
            log.acknowledged.iter().filter(|mark| !found.contains_key(*mark)).collect();
        assert!(lost.is_empty(), "{} lost {lost:?}", node.name);
        let twice: Vec<_> = found.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "{} has twice {twice:?}", node.name);
        let known = log.acknowledged.len() + log.unknown_without_key.len();
        assert!(found.len() <= known, "{} has writes nobody made", node.name);
    }
    let (written, unknown) = (log.acknowledged.len(), log.unknown_without_key.len());
    let told = format!(
        "{KILLS} kills, {written} writes acknowledged, {unknown} without a key of unknown fate"
    );
    writeln!(std::io::stdout(), "{told}").unwrap();
}
