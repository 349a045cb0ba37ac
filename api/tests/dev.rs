//! `regent dev` as its users meet it: the real executable, its nodes as processes, and nothing left at the end.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod dev_cluster;
#[path = "dns/skip.rs"]
mod skip;

use dev_cluster::{DevCluster, PATIENCE, all, left_in, regent, text, until_gone};
use regent_api::cli::client::Call;
use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

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
async fn dev_takes_over_a_site_and_names_what_is_in_it() {
    let home = tempfile::tempdir().unwrap();
    let dump = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/hand.sql");
    let arguments = ["dev", "--base-port", "0", "--import", dump];
    let mut process = regent(home.path(), &arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let mut told = Vec::new();
    while !told.last().is_some_and(|line: &String| line.starts_with("  stop")) {
        told.push(timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().expect("more"));
    }
    let told = told.join("\n");
    assert!(told.contains("; hand.sql imported: 25 nodes. "), "{told}");
    assert!(told.contains("why 11 rows stayed behind"), "{told}");
    let (_, url) = told.split_once("curl '").unwrap();
    let machine = reqwest::get(url.split_once('\'').unwrap().0).await.unwrap();
    let machine: Value = machine.json().await.unwrap();
    assert!(told.contains(&format!("/v1/machines/{}'", machine["system_id"].as_str().unwrap())));
    if skip::has("dev_takes_over_a_site_and_names_what_is_in_it", "dig", "-v") {
        let (_, question) = told.split_once("dig ").unwrap();
        let words = question.lines().next().unwrap().split_whitespace();
        let answer = Command::new("dig").args(words).output().await.unwrap();
        let address = text(&answer.stdout).lines().next().unwrap().to_owned();
        let addresses = machine["ip_addresses"].as_array().unwrap();
        assert!(addresses.contains(&json!(address)), "{address} is none of {addresses:?}");
    }
    dev_cluster::send(process.id().unwrap(), Signal::INT);
    assert!(timeout(PATIENCE, process.wait()).await.unwrap().unwrap().success());
    assert_eq!(left_in(home.path()), Vec::<String>::new());
}

#[tokio::test]
async fn dev_that_cannot_take_a_site_over_says_why_and_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let missing = home.path().join("missing.sql");
    let arguments = ["dev", "--base-port", "0", "--import", missing.to_str().unwrap()];
    let output = regent(home.path(), &arguments).output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    assert!(told.contains("cannot read") && told.contains("was not imported"), "{told}");
    assert_eq!(left_in(home.path()), Vec::<String>::new());
    let both = regent(home.path(), &[&arguments[..], &["--demo", "small"]].concat());
    assert_eq!({ both }.output().await.unwrap().status.code(), Some(2));
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
async fn nodes_and_racks_die_with_a_killed_supervisor_and_the_next_one_cleans_up() {
    let arguments = ["--demo", "none", "--nodes", "1", "--racks", "1"];
    let mut cluster = DevCluster::start(&arguments).await;
    let (pids, data) = (cluster.pids(), cluster.record.data_dir.clone());
    cluster.signal(Signal::KILL);
    cluster.ended().await;
    until_gone(&pids).await;
    assert!(data.exists());
    let mut next = DevCluster::start_in(cluster.home, &arguments).await;
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
    let client = regent_api::cli::client::Client::new(&addresses, PATIENCE).unwrap();
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
    assert!(report["dns_asked"].as_u64() > Some(0), "{report}");
    assert_eq!(report["dns_unanswered"], 0, "{report}");
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
