//! Elections, replication and what lost connections do to them.

use crate::group::{Group, PATIENCE};
use crate::proxy::Cable;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_elect_a_leader_and_replicate_a_thousand_entries() {
    let group = Group::start(3, 3, 0).await;
    let leader = group.leader().await;
    leader.write(1000).await;
    group.all_have(1000).await;
    let written = leader.tally.requests();
    for node in group.nodes.values() {
        assert_eq!(node.tally.requests(), written, "node {}", node.id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contact_with_every_peer_is_fresh_and_its_distance_known() {
    let group = Group::start(3, 3, 0).await;
    let leader = group.leader().await;
    leader.write(10).await;
    group.all_have(10).await;
    let follower = group.follower(leader);
    let leaders_heartbeats = leader.raft.wait(Some(PATIENCE));
    let measured = |_: &_| leader.gate.contacts.of(follower.id).round_trip.is_some();
    leaders_heartbeats.metrics(measured, "a measured round trip").await.unwrap();
    assert!(leader.gate.contacts.age(follower.id).unwrap() < Duration::from_secs(5));
    assert!(follower.gate.contacts.age(leader.id).unwrap() < Duration::from_secs(5));
}

async fn follower_catches_up_after(cable: Cable) {
    let group = Group::start(3, 3, 0).await;
    let leader = group.leader().await;
    leader.write(10).await;
    group.all_have(10).await;
    let follower = group.follower(leader);
    let term = leader.term();
    leader.routes[&follower.id].set(cable);
    leader.write(500).await;
    assert!(follower.tally.requests().len() < 510, "nothing passes a broken cable");
    leader.routes[&follower.id].set(Cable::Whole);
    follower.has(510).await;
    assert_eq!(leader.term(), term, "the others kept their leader");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn follower_behind_a_cut_cable_catches_up_when_it_is_mended() {
    follower_catches_up_after(Cable::Cut).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn follower_behind_a_swallowing_cable_catches_up_when_it_carries_again() {
    follower_catches_up_after(Cable::Swallowing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_no_longer_answer_are_replaced() {
    let group = Group::start(3, 3, 0).await;
    let leader = group.leader().await;
    leader.write(10).await;
    group.all_have(10).await;
    let follower = group.follower(leader);
    leader.routes[&follower.id].lose_connections();
    leader.write(100).await;
    follower.has(110).await;
    let heartbeats = leader.raft.wait(Some(PATIENCE));
    let mended = Instant::now();
    let measured = |_: &_| leader.gate.contacts.of(follower.id).heard > Some(mended);
    heartbeats.metrics(measured, "a heartbeat answered").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn isolated_node_that_returns_does_not_raise_the_term() {
    let group = Group::start(3, 3, 0).await;
    let leader = group.leader().await;
    leader.write(10).await;
    group.all_have(10).await;
    let isolated = group.follower(leader);
    let term = leader.term();
    group.set_cables_of(isolated.id, Cable::Cut);
    let mut attempts = isolated.routes[&leader.id].connections();
    let before = *attempts.borrow();
    tokio::time::timeout(PATIENCE, attempts.wait_for(|count| *count >= before + 3))
        .await
        .expect("it asks for votes again and again")
        .unwrap();
    group.set_cables_of(isolated.id, Cable::Whole);
    leader.write(10).await;
    group.all_have(20).await;
    for node in group.nodes.values() {
        assert_eq!(node.term(), term, "node {}", node.id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_leader_is_replaced() {
    let group = Group::start(3, 3, 0).await;
    let old = group.leader().await;
    old.write(10).await;
    group.all_have(10).await;
    group.set_cables_of(old.id, Cable::Swallowing);
    let new = group.leader_other_than(old.id).await;
    new.write(10).await;
    group.set_cables_of(old.id, Cable::Whole);
    group.all_have(20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leadership_is_handed_over_on_request() {
    let group = Group::start(3, 3, 0).await;
    let old = group.leader().await;
    old.write(10).await;
    group.all_have(10).await;
    let chosen = group.follower(old);
    old.raft.trigger().transfer_leader(chosen.id).await.unwrap();
    chosen.leads().await;
    chosen.write(1).await;
    group.all_have(11).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_told_to_stop_ends_though_peers_keep_their_streams() {
    let mut group = Group::start(3, 3, 0).await;
    let leader = group.leader().await.id;
    let stopped = group.nodes.keys().copied().find(|id| *id != leader).unwrap();
    group.nodes[&leader].write(10).await;
    group.all_have(10).await;
    let node = group.nodes.get_mut(&stopped).unwrap();
    node.shutdown.cancel();
    let serving = node.serving.take().unwrap();
    tokio::time::timeout(PATIENCE, serving).await.unwrap().unwrap().unwrap();
}
