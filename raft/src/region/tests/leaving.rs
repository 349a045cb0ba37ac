//! Nodes that give up leadership, their place or their reserve.

use crate::error::ReadError;
use crate::exclusion::Exclusion;
use crate::log_store::store::RESERVE_FILE;
use crate::region::tests::nodes::{Nodes, nobody_is_promoted, quick, until};
use regent_core::revision::Revision;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

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
async fn node_that_is_out_serves_no_reader_while_it_tries_to_write_that_down() {
    let nodes = Nodes::start(0, nobody_is_promoted()).await;
    let node = nodes.node(1);
    let directory = nodes.disk.path().join("n0");
    // A directory in the place of the file it writes first.
    let obstacle = directory.join("excluded.json.tmp");
    std::fs::create_dir(&obstacle).unwrap();
    assert!(node.stale(None).is_ok());
    node.shared.leave(Exclusion::Diverged);
    assert!(node.stopping().is_cancelled());
    assert!(matches!(node.stale(None), Err(ReadError::Stopping)));
    let soon = Instant::now() + Duration::from_secs(20);
    assert!(matches!(node.at_least(Revision(0), soon).await, Err(ReadError::Stopping)));
    assert!(matches!(node.linearizable(soon).await, Err(ReadError::Stopping)));
    assert_eq!(Exclusion::read(&directory).unwrap(), None);
    std::fs::remove_dir(&obstacle).unwrap();
    node.stop().await;
    assert_eq!(Exclusion::read(&directory).unwrap(), Some(Exclusion::Diverged));
}
