//! `regent dev` as its users meet it: the real executable, its nodes as processes, and nothing left at the end.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod dev_cluster;

use dev_cluster::{DevCluster, all, left_in, regent, text, until_gone};
use regent_api::cli::client::Call;
use reqwest::Method;
use rustix::process::Signal;
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test]
async fn dev_makes_a_region_of_three_with_demo_data_that_takes_writes() {
    let cluster = DevCluster::start(&[]).await;
    let client = cluster.client();
    let view = client.call(&Call::get("/v1/cluster")).await.unwrap().body;
    assert_eq!((&view["voters"], &view["failures_tolerated"]), (&json!(3), &json!(1)));
    let machines = all(&client, "/v1/machines").await.unwrap();
    let states: BTreeSet<_> =
        machines.iter().map(|machine| machine["status_name"].to_string()).collect();
    assert_eq!((machines.len(), states.len()), (24, 7));
    let body = json!({"hostname": "written-by-a-test"});
    let written =
        client.call(&Call::write(Method::POST, "/v1/machines", Some(body))).await.unwrap();
    assert_eq!(written.body["hostname"], "written-by-a-test");
}

#[tokio::test]
async fn stop_from_another_terminal_leaves_no_process_and_no_folder() {
    let mut cluster = DevCluster::start(&["--demo", "none"]).await;
    let pids = cluster.pids();
    assert_eq!(pids.len(), 3);
    cluster.dev(&["stop"]).await;
    until_gone(&pids).await;
    assert!(cluster.ended().await.success());
    assert_eq!(left_in(cluster.home.path()), Vec::<String>::new());
}

#[tokio::test]
async fn ctrl_c_leaves_nothing_even_after_a_node_died() {
    let mut cluster = DevCluster::start(&["--demo", "none"]).await;
    let pids = cluster.pids();
    dev_cluster::send(pids[1], Signal::KILL);
    until_gone(&pids[1..2]).await;
    cluster.signal(Signal::INT);
    assert!(cluster.ended().await.success());
    until_gone(&pids).await;
    assert_eq!(left_in(cluster.home.path()), Vec::<String>::new());
}

#[tokio::test]
async fn nodes_die_with_a_killed_supervisor_and_the_next_one_cleans_up() {
    let mut cluster = DevCluster::start(&["--demo", "none", "--nodes", "1"]).await;
    let (pids, data) = (cluster.pids(), cluster.record.data_dir.clone());
    cluster.signal(Signal::KILL);
    cluster.ended().await;
    until_gone(&pids).await;
    assert!(data.exists());
    let mut next = DevCluster::start_in(cluster.home, &["--demo", "none", "--nodes", "1"]).await;
    assert!(!data.exists());
    next.dev(&["stop"]).await;
    assert!(next.ended().await.success());
    assert_eq!(left_in(next.home.path()), Vec::<String>::new());
}

#[tokio::test]
async fn data_that_was_asked_for_outlives_the_cluster() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("kept");
    let arguments = ["--nodes", "1", "--data", data.to_str().unwrap()];
    let mut cluster = DevCluster::start(&arguments).await;
    cluster.signal(Signal::TERM);
    assert!(cluster.ended().await.success());
    let again = DevCluster::start_in(cluster.home, &arguments).await;
    assert_eq!(all(&again.client(), "/v1/machines").await.unwrap().len(), 24);
}

#[tokio::test]
async fn killed_node_stays_down_until_it_is_started() {
    let cluster = DevCluster::start(&["--demo", "none"]).await;
    let after = cluster.dev(&["kill", "r2"]).await;
    assert!(after["nodes"][1]["pid"].is_null());
    cluster.until("one voter is missing", |view| view["healthy_voters"] == 2).await;
    assert!(cluster.dev(&["status"]).await["nodes"][1]["pid"].is_null());
    cluster.dev(&["start", "r2"]).await;
    cluster.until("all voters answer", |view| view["healthy_voters"] == 3).await;
}

#[tokio::test]
async fn paused_node_is_missed_and_comes_back_when_resumed() {
    let cluster = DevCluster::start(&["--demo", "none"]).await;
    let paused = cluster.leader().await.name;
    cluster.dev(&["pause", &paused]).await;
    let others: Vec<_> = cluster.record.nodes.iter().filter(|node| node.name != paused).collect();
    let addresses: Vec<_> = others.iter().map(|node| node.api.clone()).collect();
    let client = regent_api::cli::client::Client::new(&addresses, dev_cluster::PATIENCE).unwrap();
    let body = json!({"description": "while the leader is paused"});
    client.call(&Call::write(Method::POST, "/v1/machines", Some(body))).await.unwrap();
    cluster.dev(&["resume", &paused]).await;
    cluster.until("all voters answer", |view| view["healthy_voters"] == 3).await;
}

#[tokio::test]
async fn failover_loses_nothing_doubles_nothing_and_heals() {
    let cluster = DevCluster::start(&["--demo", "none"]).await;
    let report = cluster.dev(&["failover"]).await;
    assert_ne!(report["killed"], report["new_leader"]);
    assert!(report["new_term"].as_u64() > report["killed_term"].as_u64());
    assert!(report["acknowledged_before"].as_u64() > Some(0));
    assert!(report["acknowledged_after"].as_u64() > Some(0));
    assert_eq!((&report["lost"], &report["found_twice"]), (&json!(0), &json!(0)), "{report}");
    assert_eq!(report["failures_tolerated"], 1);
    assert_eq!(all(&cluster.client(), "/v1/machines").await.unwrap().len(), 0);
}

#[tokio::test]
async fn failover_is_refused_where_no_failure_is_left_to_tolerate() {
    let cluster = DevCluster::start(&["--demo", "none"]).await;
    cluster.dev(&["kill", "r3"]).await;
    cluster.until("the region leads again", |view| view["failures_tolerated"] == 0).await;
    let output = cluster.run(&["dev", "failover", "-o", "table"]).await;
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("tolerates no failure now"));
    assert_eq!(all(&cluster.client(), "/v1/machines").await.unwrap().len(), 0);
}

#[tokio::test]
async fn orders_without_a_cluster_say_how_to_start_one() {
    let home = tempfile::tempdir().unwrap();
    for action in ["failover", "status", "stop"] {
        let output = regent(home.path(), &["dev", action]).output().await.unwrap();
        assert_eq!(output.status.code(), Some(3), "{action}");
        assert!(text(&output.stderr).contains("next:  start one: regent dev"), "{action}");
    }
    let output = regent(home.path(), &["dev", "--nodes", "2"]).output().await.unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("1, 3 or 5 nodes are possible"));
}

#[tokio::test]
async fn taken_port_is_named_before_anything_is_started() {
    let home = tempfile::tempdir().unwrap();
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port().to_string();
    let output = regent(home.path(), &["dev", "--base-port", &port]).output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    assert!(
        told.contains(&format!("port {port} is in use")) && told.contains("--base-port"),
        "{told}"
    );
    assert!(left_in(home.path()).iter().all(|name| name == "regent-dev"));
}
