//! Changes of the group that were broken off, or that meet each other.

use crate::error::MembershipError;
use crate::exclusion::Exclusion;
use crate::region::handle::{Region, Shared};
use crate::region::message::JoinRequest;
use crate::region::tests::nodes::{Nodes, domain, nobody_is_promoted, soon, until};
use crate::type_config::{NodeId, RegionNode};
use openraft::ChangeMembers;
use std::collections::BTreeSet;

fn only(node: NodeId) -> BTreeSet<NodeId> {
    BTreeSet::from([node])
}

fn voters(region: &Region) -> BTreeSet<NodeId> {
    region.published().membership.membership().voter_ids().collect()
}

fn is_joint(region: &Region) -> bool {
    region.published().membership.membership().get_joint_config().len() > 1
}

/// Proposes the first of the two entries of a promotion, and nothing more.
async fn begin_promotion(region: &Region, learner: NodeId) {
    let change = ChangeMembers::AddVoterIds(only(learner));
    let mut change = Box::pin(region.shared.raft.change_membership(change, false));
    // One poll hands in the first entry; the second would be proposed by a later one.
    assert!(futures::poll!(&mut change).is_pending());
    until("the first entry is applied", || voters(region).contains(&learner)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn group_is_changed_through_whichever_node_is_asked() {
    let nodes = Nodes::start(3, nobody_is_promoted()).await;
    for (asked, raised) in [(2, 2), (3, 3)] {
        nodes.node(asked).promote(only(raised), true).await.unwrap();
        assert!(voters(nodes.node(asked)).contains(&raised), "it is seen where it was asked for");
    }
    let refused = nodes.node(3).promote(only(9), true).await;
    assert_eq!(refused, Err(MembershipError::Unknown(9)), "a refusal comes through");
    nodes.node(3).remove_node(4, false).await.unwrap();
    nodes.node(3).remove_node(1, false).await.unwrap();
    assert_eq!(voters(nodes.node(3)), BTreeSet::from([2, 3]), "the leader made room for another");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removal_whose_leader_was_lost_in_the_middle_is_ended_when_the_node_asks_for_votes() {
    let nodes = Nodes::start(2, nobody_is_promoted()).await;
    let (leader, removed) = (nodes.node(1), nodes.node(3));
    leader.promote(BTreeSet::from([2, 3]), true).await.unwrap();
    // The first half of a removal, and nobody who does the second.
    let out = ChangeMembers::RemoveVoters(only(3));
    leader.shared.raft.change_membership(out, false).await.unwrap();
    until("it knows that it is out", || removed.exclusion() == Some(Exclusion::Removed)).await;
    let again = leader.remove_node(3, false).await;
    assert_eq!(again, Err(MembershipError::Unknown(3)), "nothing is left of it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn place_is_not_given_again_while_it_is_being_taken_away() {
    let nodes = Nodes::start(1, nobody_is_promoted()).await;
    let leader = nodes.node(1);
    let known = leader.shared.known_nodes().remove(&2).unwrap();
    let turn = leader.shared.changing.lock().await;
    let mut taking = Box::pin(leader.remove_node(2, true));
    assert!(futures::poll!(&mut taking).is_pending());
    until("it is being taken", || leader.shared.placing.try_lock().is_err()).await;
    // The node moved, and asks for its place meanwhile.
    let moved = RegionNode { api: "api:1".into(), ..known };
    let mut giving = Box::pin(leader.admit(JoinRequest { node: moved, passed_on: false }));
    assert!(futures::poll!(&mut giving).is_pending());
    for number in 0..10 {
        let write = domain(&format!("meanwhile{number}.example"));
        leader.propose(write, soon()).await.unwrap();
    }
    drop(turn);
    taking.await.unwrap();
    assert!(giving.await.is_err());
    assert!(!leader.shared.known_nodes().contains_key(&2), "its record is gone, and so is it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn promotion_goes_on_when_its_caller_hangs_up() {
    let nodes = Nodes::start(1, nobody_is_promoted()).await;
    let leader = nodes.node(1);
    let mut promotion = Box::pin(leader.promote(only(2), true));
    assert!(futures::poll!(&mut promotion).is_pending());
    drop(promotion);
    until("both vote", || voters(leader) == BTreeSet::from([1, 2]) && !is_joint(leader)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn change_left_joint_is_ended_by_its_leader() {
    let nodes = Nodes::start(1, nobody_is_promoted()).await;
    let leader = nodes.node(1);
    begin_promotion(leader, 2).await;
    until("it is ended", || !is_joint(leader)).await;
    assert_eq!(voters(leader), BTreeSet::from([1, 2]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn change_left_joint_is_ended_by_the_next_leader() {
    let nodes = Nodes::start(1, nobody_is_promoted()).await;
    let (former, next) = (nodes.node(1), nodes.node(2));
    let _its_turn_never_comes = former.shared.changing.lock().await;
    begin_promotion(former, 2).await;
    assert!(is_joint(former));
    until("it votes here too", || voters(next).contains(&2)).await;
    former.shared.raft.trigger().transfer_leader(2).await.unwrap();
    until("the next one leads", || next.leadership().is_leader).await;
    until("it is ended", || !is_joint(next)).await;
    assert_eq!(voters(next), BTreeSet::from([1, 2]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removal_goes_on_when_its_caller_hangs_up() {
    let nodes = Nodes::start(1, nobody_is_promoted()).await;
    let (leader, gone) = (nodes.node(1), nodes.node(2));
    let mut removal = Box::pin(leader.remove_node(2, false));
    assert!(futures::poll!(&mut removal).is_pending());
    drop(removal);
    gone.stopping().cancelled().await;
    assert_eq!(gone.exclusion(), Some(Exclusion::Removed));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removal_that_was_broken_off_before_its_record_is_ended_by_asking_again() {
    let nodes = Nodes::start(1, nobody_is_promoted()).await;
    let (leader, gone) = (nodes.node(1), nodes.node(2));
    let out = |_: &Shared| Ok(Some(ChangeMembers::RemoveNodes(only(2))));
    leader.shared.change(out).await.unwrap();
    leader.remove_node(2, false).await.unwrap();
    gone.stopping().cancelled().await;
    assert_eq!(gone.exclusion(), Some(Exclusion::Removed));
    let again = leader.remove_node(2, false).await;
    assert_eq!(again, Err(MembershipError::Unknown(2)), "it is out for good");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removal_and_promotion_at_once_both_come_true() {
    let nodes = Nodes::start(2, nobody_is_promoted()).await;
    let leader = nodes.node(1);
    leader.promote(only(2), true).await.unwrap();
    let (raised, removed) =
        tokio::join!(leader.promote(only(3), true), leader.remove_node(2, true));
    assert_eq!((raised, removed), (Ok(()), Ok(())));
    assert_eq!(voters(leader), BTreeSet::from([1, 3]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn learner_that_is_down_is_not_promoted_and_writes_go_on() {
    let nodes = Nodes::start(2, nobody_is_promoted()).await;
    let leader = nodes.node(1);
    nodes.node(2).stop().await;
    until("it counts as silent", || !leader.shared.is_healthy(2)).await;
    let refused = leader.promote(BTreeSet::from([2, 3]), false).await;
    assert!(matches!(refused, Err(MembershipError::Unsafe(_))), "{refused:?}");
    leader.propose(domain("after.example"), soon()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn even_number_of_voters_needs_force() {
    let nodes = Nodes::start(1, nobody_is_promoted()).await;
    let leader = nodes.node(1);
    until("it keeps up", || leader.shared.learners_that_keep_up().contains(&2)).await;
    let refused = leader.promote(only(2), false).await;
    assert!(matches!(refused, Err(MembershipError::Unsafe(_))), "{refused:?}");
    assert_eq!(leader.promote(only(2), true).await, Ok(()));
}
