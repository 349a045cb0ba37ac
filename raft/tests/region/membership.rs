//! Nodes that are down, are removed, or compare what they hold.

use regent_raft::config::RaftConfig;
use regent_raft::error::{MembershipError, StartError};
use regent_raft::exclusion::Exclusion;
use regent_raft::region::handle::Region;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

use crate::group::{Group, PATIENCE, config, names, soon, start};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn follower_that_is_down_is_tried_at_growing_intervals() {
    let mut group = Group::start().await;
    let down = (0..3).find(|node| group.leader() != Some(*node)).unwrap();
    group.nodes[down].take().unwrap().stop().await;
    let door = TcpListener::bind(&group.places[down].peer).await.unwrap();
    let mut tries = 0;
    let over = Instant::now() + Duration::from_secs(1);
    while let Ok(Ok(_hung_up)) = tokio::time::timeout_at(over.into(), door.accept()).await {
        tries += 1;
    }
    // Appends, heartbeats, votes and status each have a connection; without a pause it would be thousands.
    assert!(tries < 150, "{tries} connections in a second");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removed_node_learns_it_stops_and_remembers() {
    let mut group = Group::start().await;
    let removed = group.some_follower();
    let id = group.nodes[removed].as_ref().unwrap().identity().node_id;
    let leader = group.leader().unwrap();
    group.nodes[leader].as_ref().unwrap().remove_node(id, false).await.unwrap();
    let gone = group.nodes[removed].take().unwrap();
    tokio::time::timeout(PATIENCE, gone.stopping().cancelled()).await.unwrap();
    assert_eq!(gone.exclusion(), Some(Exclusion::Removed));
    gone.stop().await;
    drop(gone);
    let refused = group.try_restart(removed).await.err().unwrap();
    assert!(matches!(refused, StartError::Excluded(Exclusion::Removed)), "{refused:?}");
    group.write(names("after", 3)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removal_that_would_lose_the_majority_needs_force() {
    let mut group = Group::start().await;
    let down = group.some_follower();
    group.stop(down).await;
    let leader = group.leader().unwrap();
    let region = group.nodes[leader].as_ref().unwrap();
    let other = group.running().find(|node| !node.leadership().is_leader).unwrap();
    let deadline = soon();
    // The node that is down counts as healthy until it was silent for a while.
    let refused = loop {
        assert!(Instant::now() < deadline);
        let status = region.status().await;
        let silent = |contact: Option<Duration>| contact > Some(Duration::from_secs(2));
        if status.nodes.iter().any(|node| silent(node.last_contact)) {
            break region.remove_node(other.identity().node_id, false).await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(matches!(refused, Err(MembershipError::WouldLoseQuorum { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_compare_their_digests_at_the_same_revisions() {
    let config = RaftConfig { digest_every: Duration::from_millis(50), ..config() };
    let group = Group::start_with(config).await;
    group.write(names("d", 10)).await;
    group.until(|region| region.report().checks.len() > 3).await;
    let reports: Vec<_> = group.running().map(|region| region.report().checks).collect();
    let common = reports[0].iter().find(|check| reports[1].contains(check));
    assert!(common.is_some_and(|check| reports[2].contains(check)), "{reports:?}");
    assert!(group.running().all(|region| !region.is_contested()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_that_comes_back_at_another_address_is_found_though_its_vote_is_needed() {
    let mut group = Group::start().await;
    let moved = group.some_follower();
    group.stop(moved).await;
    // One entry that it lacks: it cannot lead, and depends on the leader's finding it.
    group.write(names("missed", 1)).await;
    let down = group.some_follower();
    group.stop(down).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    group.places[moved].peer.clone_from(&address);
    let place = &group.places[moved];
    let region = start(place, listener, &group.config, &group.wall_skew).await.unwrap();
    let id = region.identity().node_id;
    group.nodes[moved] = Some(region);
    let is_at = |region: &Region| {
        let membership = region.published().membership.clone();
        membership.membership().get_node(&id).is_some_and(|node| node.peer == address)
    };
    group.until(is_at).await;
    group.write(names("after", 3)).await;
}
