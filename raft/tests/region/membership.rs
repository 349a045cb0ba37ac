//! Nodes that are down, are removed, or compare what they hold.

use regent_core::command::Command;
use regent_core::command::member::MemberCommand;
use regent_core::object::Key;
use regent_core::outcome::Outcome;
use regent_raft::config::RaftConfig;
use regent_raft::error::{MembershipError, StartError};
use regent_raft::exclusion::Exclusion;
use regent_raft::identity::IDENTITY_FILE;
use regent_raft::log_store::amnesia::OpenError;
use regent_raft::region::handle::Region;
use regent_raft::region::prepare::Preparation;
use regent_raft::region::propose::Write;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

use crate::group::{Group, PATIENCE, config, domain, names, soon, start};

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
    // At once: that the node which is down was there a moment ago does not count.
    let refused = region.remove_node(other.identity().node_id, false).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn joining_that_was_interrupted_goes_on_with_the_same_place() {
    let group = Group::start().await;
    let directory = group.places[0].directory.with_file_name("r3");
    let member = group.places[1].peer.clone();
    let begin = || Preparation::begin(&directory, "r3").unwrap();
    let join = || begin().join(&member, "127.0.0.1:1", "api:0");
    let first = join().await.unwrap();
    std::fs::remove_file(directory.join(IDENTITY_FILE)).unwrap();
    let again = join().await.unwrap();
    assert_eq!((again.node_id, again.store), (first.node_id, first.store));
    assert_eq!(join().await.unwrap(), again, "nothing is left to do");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn directory_that_is_being_prepared_is_taken_by_no_other_command_and_no_other_region() {
    let (group, other) = (Group::start().await, Group::start().await);
    let directory = group.places[0].directory.with_file_name("r3");
    let begin = |name| Preparation::begin(&directory, name).unwrap();
    let join = |group: &Group, name| {
        let (preparation, member) = (begin(name), group.places[0].peer.clone());
        async move { preparation.join(&member, "127.0.0.1:1", "api:0").await }
    };
    let first = join(&group, "r3").await.unwrap();
    let is_refused = |refused: Result<_, StartError>| {
        matches!(refused, Err(StartError::Open(OpenError::OtherIntent { .. })))
    };
    assert!(is_refused(begin("r3").found()));
    assert!(is_refused(join(&group, "another").await));
    let elsewhere = join(&other, "r3").await;
    assert!(matches!(elsewhere, Err(StartError::Join { .. })), "{elsewhere:?}");
    assert_eq!(join(&group, "r3").await.unwrap(), first);
    std::fs::remove_dir_all(&directory).unwrap();
    begin("r3").found().unwrap();
    assert!(is_refused(join(&group, "r3").await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_whose_joining_or_removal_was_left_half_done_can_be_removed() {
    let group = Group::start().await;
    let region = group.nodes[group.leader().unwrap()].as_ref().unwrap();
    let admitted = |store: &str| {
        let command = MemberCommand::Admit { name: "ghost".into(), store: store.into() };
        Write { command: Command::Member(command), ..domain("unused.example") }
    };
    let reply = region.propose(admitted("one"), soon()).await.unwrap();
    let Ok(Outcome::Created(ghost)) = reply.result else { panic!("{reply:?}") };
    let Key::Number(id) = ghost.key else { panic!("{ghost:?}") };
    let taken = region.propose(admitted("two"), soon()).await.unwrap();
    assert!(taken.result.is_err(), "it is not in the group, but its name is taken");
    region.remove_node(id, false).await.unwrap();
    let free = region.propose(admitted("two"), soon()).await.unwrap();
    assert!(free.result.is_ok());
    let gone = region.remove_node(id, false).await;
    assert!(matches!(gone, Err(MembershipError::Unknown(_))), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_leader_that_follows_another_is_counted() {
    let mut group = Group::start().await;
    let count = |region: &Region| (region.identity().node_id, region.figures().leader_changes);
    let before: BTreeMap<_, _> = group.running().map(count).collect();
    let leader = group.leader().unwrap();
    group.stop(leader).await;
    let has_one_more = |region: &Region| {
        let (node, changes) = count(region);
        changes > before[&node]
    };
    group.until(has_one_more).await;
}
