//! How old a node says that its state is, when it is cut off from the others on one side or on both.

use regent_raft::config::RaftConfig;
use regent_raft::error::ReadError;
use regent_raft::region::handle::Region;
use regent_raft::region::status::NodeStatus;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::group::{Group, PATIENCE, config, domains, names, soon, start};
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
async fn node_that_comes_back_has_caught_up_when_it_holds_what_was_written_meanwhile() {
    let mut group = Group::start().await;
    let away = group.some_follower();
    group.stop(away).await;
    group.write(names("meanwhile", 100)).await;
    let written = domains(group.follower());
    let region = group.try_restart(away).await.unwrap();
    region.caught_up(PATIENCE).await;
    assert_eq!(domains(&region), written);
    group.nodes[away] = Some(region);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_without_a_leader_is_not_waited_for() {
    let mut group = Group::start().await;
    let left = group.some_follower();
    for node in (0..3).filter(|node| *node != left) {
        group.stop(node).await;
    }
    let region = group.nodes[left].clone().unwrap();
    let waiting = region.caught_up(Duration::from_millis(100));
    timeout(PATIENCE, waiting).await.expect("nobody can tell what it misses");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn follower_that_is_cut_off_together_with_its_leader_does_not_say_that_it_is_fresh() {
    let mut group = Group::start_with(RaftConfig { voters_wanted: 5, ..config() }).await;
    let (leader, companion) = (group.leader().unwrap(), group.some_follower());
    for node in (0..5).filter(|node| ![leader, companion].contains(node)) {
        group.stop(node).await;
    }
    let [leader, companion] = [leader, companion].map(|node| group.nodes[node].clone().unwrap());
    until_too_stale(&leader, Duration::from_secs(1)).await;
    until_too_stale(&companion, Duration::from_secs(1)).await;
    for region in [&leader, &companion] {
        let stale = region.stale(Some(Duration::from_millis(500)));
        assert!(matches!(stale, Err(ReadError::TooStale { .. })));
    }
    // Neither has the other's silence to tell it from.
    assert!(leader.leadership().is_leader);
    let leads = |node: &NodeStatus| node.node_id == leader.identity().node_id && node.is_leader;
    let status = companion.status().await;
    let heard = status.nodes.iter().find(|node| leads(node)).and_then(|node| node.last_contact);
    assert!(heard.is_some_and(|age| age < Duration::from_millis(500)), "{status:?}");
}
