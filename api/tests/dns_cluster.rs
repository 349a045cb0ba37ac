//! DNS on every node of a real cluster: one answer and one serial everywhere, also while leaders die.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod dev_cluster;
#[path = "dns/dig.rs"]
mod dig;
#[path = "dns/skip.rs"]
mod skip;

use dev_cluster::{DevCluster, PATIENCE};
use dig::dig;
use regent_api::cli::client::Call;
use reqwest::Method;
use rustix::process::Signal;
use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::{interval, timeout};

/// Asks until the answers are as wanted; they are then what they will stay.
async fn until(server: SocketAddr, question: &str, wanted: impl Fn(&[String]) -> bool) -> String {
    let look = async {
        let mut looks = interval(Duration::from_millis(10));
        loop {
            looks.tick().await;
            let answers = dig(server, question).await.answers();
            if wanted(&answers) {
                return answers.join("\n");
            }
        }
    };
    timeout(PATIENCE, look).await.unwrap_or_else(|_| panic!("{question} of {server} is not so"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_node_answers_alike_and_survivors_go_on_without_the_leader() {
    if !skip::has("every_node_answers_alike_and_survivors_go_on_without_the_leader", "dig", "-v") {
        return;
    }
    let cluster = DevCluster::start(&["--demo", "none"]).await;
    let client = cluster.client();
    let create = |name: &str| {
        let body = json!({ "name": name, "authoritative": true });
        Call::write(Method::POST, "/v1/domains", Some(body))
    };
    client.call(&create("lab.example.net")).await.unwrap();
    let servers: Vec<SocketAddr> =
        cluster.record.nodes.iter().map(|node| node.dns.parse().unwrap()).collect();
    let mut soas = Vec::new();
    for server in &servers {
        soas.push(until(*server, "lab.example.net SOA", |answers| answers.len() == 1).await);
    }
    assert!(soas.iter().all(|soa| *soa == soas[0]), "{soas:?}");
    let leader = cluster.leader().await;
    dev_cluster::send(leader.pid.unwrap(), Signal::KILL);
    let survivors = cluster.record.nodes.iter().filter(|node| node.name != leader.name);
    for node in survivors.clone() {
        let answers = dig(node.dns.parse().unwrap(), "lab.example.net SOA").await.answers();
        assert_eq!(answers.join("\n"), soas[0], "{} does not wait for a leader", node.name);
    }
    client.call(&create("new.example.net")).await.unwrap();
    for node in survivors {
        let server = node.dns.parse().unwrap();
        until(server, "new.example.net SOA", |answers| answers.len() == 1).await;
    }
}
