//! The change feed of three nodes: one list, whichever of them is asked and whatever happens to it meanwhile.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod group;
mod load;
mod replay;
mod watcher;

use crate::group::Group;
use crate::load::Load;
use crate::replay::replay;
use crate::watcher::{Change, Seen, Watcher};
use regent_api::http::events::message::Format;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

/// Connections of the watcher; each follows a batch and a stretch of other writes.
const CONNECTIONS: usize = 50;
/// Objects of a batch.
const BATCH: usize = 500;
/// Writes that others had acknowledged while the watcher was on one connection, at least.
const WRITES_MIN: u64 = 10;
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watcher_that_changes_nodes_fifty_times_sees_the_committed_list_across_an_installed_snapshot()
 {
    let mut group = Group::start().await;
    group.keep_log().await;
    let follower = group.follower();
    group.stop(follower).await;
    let load = Load::start([0, 1].map(|turn| group.url(group.running_after(turn))));
    let mut seen = Seen::default();
    for connection in 0..CONNECTIONS {
        if connection == CONNECTIONS / 2 {
            // The log is purged behind what the stopped node has, so it comes back by a snapshot.
            group.until_purged_behind(follower).await;
            group.restart(follower).await;
            group.until_caught_up(follower).await;
        }
        let node = group.running_after(connection);
        let before = load.written();
        let mut watcher = Watcher::start(&group.url(node), form_of(connection), seen.place()).await;
        let watched = timeout(PATIENCE, async {
            while load.written() < before + WRITES_MIN {
                watcher.read(1, &mut seen).await;
            }
        });
        let batch = batch(connection);
        let (watched, ()) = tokio::join!(watched, group.create("/v1/tags", &batch));
        watched.expect("others write all the time");
    }
    load.end().await;
    group.until_caught_up(follower).await;
    let (log, reached) = group.kept_log(follower).await;
    let (replayed, all) = replay(&log);
    assert_eq!(replayed.digest(), reached.digest(), "the log is that of this region");
    let mut last = Watcher::start(&group.url(follower), form_of(0), seen.place()).await;
    timeout(PATIENCE, async {
        while revision_of(seen.changes.last()) < revision_of(all.last()) {
            last.read(1, &mut seen).await;
        }
    })
    .await
    .expect("all of it is told");
    let difference = seen.changes.iter().zip(&all).find(|(seen, committed)| seen != committed);
    assert_eq!(difference, None, "the first of what was seen beside what was committed");
    assert_eq!(seen.changes.len(), all.len());
    assert_eq!(seen.resyncs, 0);
}

fn revision_of(change: Option<&Change>) -> u64 {
    change.map_or(0, |(revision, _)| *revision)
}

/// Half of the connections have either form, on every node.
fn form_of(connection: usize) -> Format {
    match (connection + connection / 2) % 2 {
        0 => Format::Lines,
        _ => Format::ServerSentEvents,
    }
}

fn batch(number: usize) -> Value {
    (0..BATCH).map(|one| json!({ "name": format!("t{number}-{one}") })).collect()
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
