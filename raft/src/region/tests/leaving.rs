//! Nodes that give up leadership, their place or their reserve.

use crate::exclusion::Exclusion;
use crate::log_store::store::RESERVE_FILE;
use crate::region::tests::nodes::{Nodes, nobody_is_promoted, quick, until};
use std::sync::atomic::Ordering;
use std::time::Instant;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reserve_that_was_given_up_is_set_aside_again() {
    let nodes = Nodes::start(0, nobody_is_promoted()).await;
    let reserve = nodes.disk.path().join("n0").join(RESERVE_FILE);
    std::fs::remove_file(&reserve).unwrap();
    until("it is there again", || reserve.exists()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leadership_goes_to_a_disk_with_room_or_stays() {
    let nodes = Nodes::start(2, quick()).await;
    let leader = nodes.node(1);
    // Each node looks at its disk once a second and finds that it has room after all: so it is said again.
    let heir_if_full = async |full: [bool; 2]| {
        for (node, full) in [2, 3].into_iter().zip(full) {
            nodes.node(node).shared.disk_full.store(full, Ordering::Relaxed);
        }
        leader.heir_with_room().await
    };
    let begun = Instant::now();
    for (full, heir) in [([true, true], None), ([true, false], Some(3)), ([false, true], Some(2))] {
        while heir_if_full(full).await != heir {
            assert!(begun.elapsed().as_secs() < 20, "the heir should be {heir:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_that_is_out_tries_until_that_is_written_down() {
    let nodes = Nodes::start(0, nobody_is_promoted()).await;
    let node = nodes.node(1);
    let directory = nodes.disk.path().join("n0");
    // A directory in the place of the file it writes first.
    let obstacle = directory.join("excluded.json.tmp");
    std::fs::create_dir(&obstacle).unwrap();
    let leaving = tokio::spawn({
        let shared = node.shared.clone();
        async move { shared.leave(Exclusion::Diverged).await }
    });
    until("it knows", || node.exclusion().is_some()).await;
    assert!(!node.stopping().is_cancelled());
    std::fs::remove_dir(&obstacle).unwrap();
    leaving.await.unwrap();
    assert!(node.stopping().is_cancelled());
    assert_eq!(Exclusion::read(&directory).unwrap(), Some(Exclusion::Diverged));
}
