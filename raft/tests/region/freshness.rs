//! How old a node says that its state is, when it is cut off from the others on one side or on both.

use regent_raft::error::ReadError;
use regent_raft::region::handle::Region;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

use crate::group::{Group, soon, start};
use crate::proxy::{Cable, Proxy};

/// Waits until the node refuses to answer from a state that may be older than this, asking it for the truth all the time.
async fn until_too_stale(region: &Region, max_age: Duration) {
    let deadline = soon();
    while !matches!(region.stale(Some(max_age)), Err(ReadError::TooStale { age }) if age > max_age)
    {
        assert!(Instant::now() < deadline, "it takes its state for fresh");
        let within = Instant::now() + Duration::from_millis(20);
        drop(region.linearizable(within).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leader_that_nobody_follows_does_not_say_that_it_is_fresh() {
    let mut group = Group::start().await;
    let leader = group.leader().unwrap();
    let region = group.nodes[leader].clone().unwrap();
    assert!(region.stale(Some(Duration::from_millis(500))).is_ok());
    for node in (0..3).filter(|node| *node != leader) {
        group.stop(node).await;
    }
    until_too_stale(&region, Duration::from_millis(500)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn follower_that_reaches_a_leader_it_does_not_hear_does_not_say_that_it_is_fresh() {
    let mut group = Group::start().await;
    let deaf = group.some_follower();
    group.stop(deaf).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let cable = Proxy::to(listener.local_addr().unwrap().to_string()).await;
    group.places[deaf].peer = cable.address();
    let place = &group.places[deaf];
    let region = start(place, listener, &group.config, &group.wall_skew).await.unwrap();
    let id = region.identity().node_id;
    group.nodes[deaf] = Some(region.clone());
    let is_behind_it = |region: &Region| {
        let membership = region.published().membership.clone();
        membership.membership().get_node(&id).is_some_and(|node| node.peer == cable.address())
    };
    group.until(is_behind_it).await;
    cable.set(Cable::Swallowing);
    // It asks the leader itself every two seconds, and is answered: longer than that.
    until_too_stale(&region, Duration::from_secs(3)).await;
}
