//! The rack agents of `regent dev` and the simulated clients they serve: real processes, real packets on the loopback.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod dev_cluster;

use dev_cluster::{DevCluster, PATIENCE, all, regent, text, until_gone};
use regent_api::cli::dev_record::{DevClients, DevRecord};
use rustix::process::Signal;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::{interval, timeout};

const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What `regent dev status` says once it is as wanted.
async fn until_status(cluster: &DevCluster, wanted: impl Fn(&DevClients) -> bool) -> DevRecord {
    let look = async {
        let mut looks = interval(LOOK_EVERY);
        loop {
            looks.tick().await;
            let status: DevRecord = serde_json::from_value(cluster.dev(&["status"]).await).unwrap();
            if wanted(&status.clients.expect("there are clients")) {
                return status;
            }
        }
    };
    timeout(PATIENCE, look).await.expect("the clients get there in time")
}

async fn until_all_have_addresses(cluster: &DevCluster) -> DevClients {
    let all = |met: &DevClients| met.with_address == met.clients;
    until_status(cluster, all).await.clients.unwrap()
}

/// When each lease ends, by its address.
async fn ends(cluster: &DevCluster) -> BTreeMap<String, u64> {
    let leases = all(&cluster.client(), "/v1/leases").await.unwrap();
    let bound = leases.iter().filter(|lease| lease["state"] == "bound");
    bound
        .map(|lease| (lease["ip"].as_str().unwrap().into(), lease["expires"].as_u64().unwrap()))
        .collect()
}

async fn rack_ids(cluster: &DevCluster) -> BTreeSet<String> {
    let racks = all(&cluster.client(), "/v1/controllers").await.unwrap();
    racks.iter().map(|rack| rack["system_id"].to_string()).collect()
}

#[tokio::test]
async fn two_racks_serve_24_clients_and_each_rack_alone_goes_on() {
    let cluster = DevCluster::start(&["--nodes", "1"]).await;
    assert_eq!(until_all_have_addresses(&cluster).await.clients, 24);
    assert_eq!(ends(&cluster).await.len(), 24);
    for lost in ["rack1", "rack2"] {
        cluster.dev(&["kill", lost]).await;
        let before = (ends(&cluster).await, until_all_have_addresses(&cluster).await.exchanges);
        // Twice as many as there are clients, so that each had its turn.
        let met = until_status(&cluster, |met| met.exchanges > before.1 + 48).await;
        assert_eq!(met.racks.iter().filter(|rack| rack.pid.is_some()).count(), 1);
        assert_eq!(met.clients.unwrap().refused, 0);
        let after = ends(&cluster).await;
        assert!(before.0.keys().eq(after.keys()), "{:?} became {after:?}", before.0);
        assert!(before.0.iter().all(|(address, end)| after[address] > *end));
        cluster.dev(&["start", lost]).await;
    }
}

#[tokio::test]
async fn failover_tells_what_clients_of_the_racks_noticed() {
    let cluster = DevCluster::start(&[]).await;
    until_all_have_addresses(&cluster).await;
    let report = cluster.dev(&["failover"]).await;
    assert!(report["dhcp_exchanges"].as_u64() > Some(0), "{report}");
    assert!(report["dhcp_longest_wait_ms"].as_u64() > Some(0), "{report}");
    assert_eq!(report["dhcp_refused"], 0, "{report}");
}

#[tokio::test]
async fn racks_of_kept_data_go_on_as_who_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("kept");
    let arguments = ["--nodes", "1", "--demo", "none", "--racks", "2", "--data"];
    let arguments = [&arguments[..], &[data.to_str().unwrap()]].concat();
    let mut cluster = DevCluster::start(&arguments).await;
    until_all_have_addresses(&cluster).await;
    let (pids, ids) = (cluster.pids(), rack_ids(&cluster).await);
    let addresses: BTreeSet<_> = ends(&cluster).await.into_keys().collect();
    assert_eq!((pids.len(), ids.len(), addresses.len()), (3, 2, 24));
    cluster.signal(Signal::TERM);
    assert!(cluster.ended().await.success());
    until_gone(&pids).await;
    // How many racks there are is known.
    let arguments = arguments.iter().filter(|word| !["--racks", "2"].contains(word));
    let arguments: Vec<&str> = arguments.copied().collect();
    let again = DevCluster::start_in(cluster.home, &arguments).await;
    until_all_have_addresses(&again).await;
    assert_eq!(rack_ids(&again).await, ids);
    assert_eq!(ends(&again).await.into_keys().collect::<BTreeSet<_>>(), addresses);
}

#[tokio::test]
async fn no_rack_is_there_where_none_is_wanted() {
    let cluster = DevCluster::start(&["--nodes", "1", "--racks", "0"]).await;
    let status = cluster.dev(&["status"]).await;
    assert_eq!((&status["racks"], &status["clients"]), (&Value::Array(Vec::new()), &Value::Null));
    assert_eq!(rack_ids(&cluster).await, BTreeSet::new());
    assert_eq!(cluster.pids().len(), 1);
}

#[tokio::test]
async fn racks_that_cannot_be_are_refused_before_anything_is_started() {
    let home = tempfile::tempdir().unwrap();
    let three = regent(home.path(), &["dev", "--racks", "3"]).output().await.unwrap();
    assert_eq!(three.status.code(), Some(2));
    let site = regent(home.path(), &["dev", "--import", "x.sql", "--racks", "1"]);
    assert_eq!({ site }.output().await.unwrap().status.code(), Some(2));
    let holder = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = holder.local_addr().unwrap().port();
    let base = (port - 61).to_string();
    let taken = regent(home.path(), &["dev", "--base-port", &base]).output().await.unwrap();
    assert_eq!(taken.status.code(), Some(1));
    assert!(text(&taken.stderr).contains(" is in use"), "{}", text(&taken.stderr));
}
