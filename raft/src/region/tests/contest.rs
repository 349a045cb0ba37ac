//! Replicas that differ with none in the majority: nothing is written until they agree again.

use crate::error::ProposeError;
use crate::region::tests::nodes::{Nodes, domain, nobody_is_promoted, quick, soon, until};
use regent_core::command::digest::DigestCommand;
use regent_core::revision::Revision;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contest_outlives_a_snapshot_and_a_restart() {
    let config = nobody_is_promoted();
    let mut nodes = Nodes::start(0, config.clone()).await;
    let contested = DigestCommand::Verdict { checked: Revision(1), digest: None };
    let noted = nodes.node(1).shared.propose_digest_step(contested).await.unwrap();
    nodes.node(1).shared.raft.trigger().snapshot().await.unwrap();
    until("it is in a snapshot", || nodes.node(1).log_indexes().snapshot >= noted.0).await;
    nodes.restart(1, config).await;
    until("it leads", || nodes.node(1).shared.has_applied_its_term()).await;
    let refused = nodes.node(1).propose(domain("after.example"), soon()).await;
    assert_eq!(refused, Err(ProposeError::Contested));
    nodes.node(1).compare_once().await;
    nodes.node(1).propose(domain("after.example"), soon()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contested_region_can_remove_a_node_and_writes_again_once_all_are_alike() {
    let nodes = Nodes::start(2, quick()).await;
    let leader = nodes.node(1);
    let contested = DigestCommand::Verdict { checked: Revision(1), digest: None };
    leader.shared.propose_digest_step(contested).await.unwrap();
    let refused = leader.propose(domain("before.example"), soon()).await;
    assert_eq!(refused, Err(ProposeError::Contested));
    leader.remove_node(3, false).await.unwrap();
    assert!(leader.is_contested(), "a removal alone says nothing about those that stay");
    leader.compare_once().await;
    leader.propose(domain("after.example"), soon()).await.unwrap();
    until("the other knows", || !nodes.node(2).is_contested()).await;
}
