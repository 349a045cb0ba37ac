//! The change feed of three nodes: one list, whichever of them is asked and whatever happens to it meanwhile.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod group;
mod watcher;

use crate::group::Group;
use crate::watcher::{Seen, Watcher, committed};
use serde_json::json;
use std::time::Duration;

/// Rounds of writing; every tenth makes many objects as one.
const ROUNDS: usize = 200;
/// Objects of a large round.
const BATCH: usize = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watcher_that_changes_nodes_fifty_times_sees_the_committed_list_across_an_installed_snapshot()
 {
    let mut group = Group::start().await;
    let follower = group.follower();
    group.stop(follower).await;
    // Enough entries that the log is purged behind what the stopped node has.
    let write = async |round: usize| {
        let one = json!({ "name": format!("t{round}") });
        let many = (0..BATCH).map(|n| json!({ "name": format!("t{round}-{n}") })).collect();
        let body = if round.is_multiple_of(10) { many } else { one };
        group.create("/v1/tags", &body).await;
    };
    for round in 0..ROUNDS {
        write(round).await;
    }
    let mut seen = Seen::default();
    for connection in 0..25 {
        let node = group.running_after(connection);
        Watcher::start(&group.url(node), seen.place()).await.read(3, &mut seen).await;
    }
    group.until_purged_behind(follower).await;
    group.restart(follower).await;
    group.until_caught_up(follower).await;
    let writes = async {
        for round in ROUNDS..ROUNDS + 60 {
            group.create("/v1/tags", &json!({ "name": format!("t{round}") })).await;
        }
    };
    let watches = async {
        for connection in 0..25 {
            let node = group.running_after(connection);
            Watcher::start(&group.url(node), seen.place()).await.read(5, &mut seen).await;
        }
    };
    tokio::join!(writes, watches);
    let all = committed(group.region(follower));
    let mut last = Watcher::start(&group.url(follower), seen.place()).await;
    tokio::time::timeout(Duration::from_secs(20), async {
        while seen.changes.len() < all.len() {
            last.read(1, &mut seen).await;
        }
    })
    .await
    .expect("all of it is told");
    assert_eq!(seen.changes, all);
    assert_eq!(seen.resyncs, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn write_that_a_follower_brought_to_the_leader_says_so() {
    let group = Group::start().await;
    let follower = group.follower();
    let client = reqwest::Client::new();
    let answered = async |node: usize, name: &str| {
        let request = client.post(format!("{}/v1/tags", group.url(node)));
        let response = request.json(&json!({ "name": name })).send().await.unwrap();
        assert_eq!(response.status(), 201);
        let header = response.headers().get("regent-forwarded-by");
        header.map(|node| node.to_str().unwrap().to_owned())
    };
    let name = group.region(follower).identity().name.clone();
    assert_eq!(answered(follower, "a").await, Some(name));
    let leader = (0..3).find(|node| group.region(*node).leadership().is_leader).unwrap();
    assert_eq!(answered(leader, "b").await, None);
}
