//! Nodes that lead, count time, publish and let others go in a wrong way.

use crate::group::{Group, PATIENCE, config, domain, domains, region_voters, soon};
use regent_core::command::Command;
use regent_core::planted::{OnThisThread, Planted};
use regent_raft::config::RaftConfig;
use regent_raft::region::propose::Write;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::time::timeout;

const HOUR_MS: i64 = 3_600_000;
/// What a read gets that nobody can confirm.
const IN_VAIN: Duration = Duration::from_millis(300);

async fn alone() -> Group {
    Group::start_with(RaftConfig { voters_wanted: 1, ..config() }).await
}

#[tokio::test]
async fn leader_that_nobody_follows_answers_reads() {
    let mut group = Group::start().await;
    let leader = group.leader().unwrap();
    for node in (0..3).filter(|node| *node != leader) {
        group.stop(node).await;
    }
    let region = group.nodes[leader].as_ref().unwrap();
    let read = || region.linearizable(Instant::now() + IN_VAIN);
    assert!(read().await.is_err());
    let _planted = OnThisThread::plant(Planted::ReadWithoutReadIndex);
    assert!(read().await.is_ok());
}

#[tokio::test]
async fn removed_member_makes_a_majority_with_the_leader() {
    let _planted = OnThisThread::plant(Planted::RemovedMemberVotes);
    let mut group = Group::start().await;
    let leader = group.leader().unwrap();
    let [removed, other] = [1, 2].map(|distance| (leader + distance) % 3);
    let region = group.nodes[leader].clone().unwrap();
    let id = group.nodes[removed].as_ref().unwrap().identity().node_id;
    region.remove_node(id, false).await.unwrap();
    group.stop(other).await;
    region.propose(domain("after.example"), soon()).await.unwrap().result.unwrap();
    assert_eq!(region_voters(&region), 3);
    assert_eq!(group.nodes[removed].as_ref().unwrap().exclusion(), None);
}

#[tokio::test]
async fn cluster_time_jumps_with_the_wall_clock_of_the_leader() {
    let _planted = OnThisThread::plant(Planted::ClusterTimeFromWallClock);
    let group = alone().await;
    let region = group.nodes[0].as_ref().unwrap();
    let time_after = async |name: &str| {
        region.propose(domain(name), soon()).await.unwrap();
        region.published().state.meta().now.0
    };
    let before = time_after("before.example").await;
    group.wall_skew.store(HOUR_MS, Ordering::Relaxed);
    assert!(time_after("after.example").await - before >= HOUR_MS.unsigned_abs());
}

#[tokio::test]
async fn half_of_a_batch_is_read() {
    let _planted = OnThisThread::plant(Planted::BatchPublishedAsTwoRoots);
    let group = alone().await;
    let region = group.nodes[0].as_ref().unwrap();
    let steps = ["one.example", "two.example"].map(|name| domain(name).command);
    let batch = Write { command: Command::Batch(steps.into()), ..domain("unused.example") };
    let mut progress = region.progress();
    let half = async {
        while domains(region) != 1 {
            progress.changed().await.unwrap();
        }
    };
    let (written, seen) = tokio::join!(region.propose(batch, soon()), timeout(PATIENCE, half));
    written.unwrap().result.unwrap();
    seen.expect("half of it was there");
    assert_eq!(domains(region), 2);
}
