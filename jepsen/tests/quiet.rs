//! What is normal is no error: nodes that join at once and are stopped in order write no ERROR into their logs.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod executable;

use regent_jepsen::cluster::group::Group;
use regent_jepsen::cluster::node::Settings;
use regent_jepsen::cluster::place::NODES;
use std::time::{Duration, Instant};
use tokio::time::interval;

/// What becoming one region may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(20);

#[tokio::test]
async fn nodes_that_join_at_once_and_stop_in_order_log_no_error() {
    let home = tempfile::tempdir().unwrap();
    let executable = executable::regent();
    let (mut group, _folder) =
        Group::in_folder_of_its_own(home.path(), &executable, Settings::SHIPPED).unwrap();
    group.nodes[0].start(None).unwrap();
    group.ready(0).await.unwrap();
    let founder = group.nodes[0].place.peer.clone();
    for node in &mut group.nodes[1..] {
        node.start(Some(&founder)).unwrap();
    }
    let (until, mut look) = (Instant::now() + PATIENCE, interval(LOOK_EVERY));
    while group.status_of(0).await.is_none_or(|status| status.healthy_voters < NODES) {
        assert!(Instant::now() < until, "they did not become one region");
        look.tick().await;
    }
    // The leader first: the others go on talking to it while it stops.
    let leader = group.leader().await.unwrap();
    for turn in 0..NODES {
        group.nodes[(leader + turn) % NODES].stop().await.unwrap();
    }
    for node in &group.nodes {
        let log = std::fs::read_to_string(&node.place.log).unwrap();
        assert!(log.contains("region node stopped"), "{log}");
        let errors: Vec<_> = log.lines().filter(|line| line.contains(" ERROR ")).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}
