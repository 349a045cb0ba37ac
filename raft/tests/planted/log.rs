//! Logs that acknowledge, or mark, what is not on the disk.

use crate::fixture::{Model, Step, create_memory, drive, entry, id, open_memory, submit};
use regent_core::planted::{OnThisThread, Planted};
use regent_raft::log_store::amnesia::OpenError;
use regent_raft::log_store::memory::{MemoryDisk, PowerCut};
use regent_raft::type_config::Vote;
use std::time::Duration;

/// Calls to the disk that writing one entry takes at most.
const CALLS_MAX: u64 = 8;

/// What the log holds if power goes now.
async fn after_power_cut(disk: &MemoryDisk) -> Model {
    let (store, _) = open_memory(&disk.after_power_cut(PowerCut::CLEAN)).unwrap();
    Model::of(&store).await
}

#[tokio::test]
async fn entry_that_was_acknowledged_is_lost_with_the_power_for_some_milliseconds() {
    let _planted = OnThisThread::plant(Planted::AcknowledgeBeforeSync);
    let disk = MemoryDisk::default();
    let (store, mut pump) = create_memory(&disk);
    let acknowledged = submit(&store, &Step::Append(vec![entry(1, 0, 50)])).await.unwrap().unwrap();
    pump.turn(Duration::ZERO).unwrap();
    acknowledged.await.unwrap().unwrap();
    assert_eq!(after_power_cut(&disk).await.last, None);
    pump.turn(pump.deadline().unwrap()).unwrap();
    assert_eq!(after_power_cut(&disk).await.last, Some(id(1, 0)));
}

#[tokio::test]
async fn vote_that_was_given_is_lost_with_the_power_until_an_entry_comes() {
    let _planted = OnThisThread::plant(Planted::VoteNotSynced);
    let disk = MemoryDisk::default();
    let (store, mut pump) = create_memory(&disk);
    let vote = Vote::new(3, 1);
    drive(&store, &mut pump, &Step::Vote(vote), Duration::ZERO).await.unwrap();
    assert_eq!(Model::of(&store).await.vote, Some(vote));
    pump.turn(Duration::from_secs(1)).unwrap();
    assert_eq!(after_power_cut(&disk).await.vote, None);
    submit(&store, &Step::Append(vec![entry(3, 0, 50)])).await.unwrap();
    pump.turn(Duration::from_secs(2)).unwrap();
    assert_eq!(after_power_cut(&disk).await.vote, Some(vote));
}

/// Whether power that goes at some call to the disk makes the node an amnesiac.
async fn is_ever_amnesiac() -> bool {
    let mut found = false;
    for calls in 0..CALLS_MAX {
        let disk = MemoryDisk::default();
        let (store, mut pump) = create_memory(&disk);
        submit(&store, &Step::Append(vec![entry(1, 0, 50)])).await.unwrap();
        disk.break_after(calls);
        drop(pump.turn(Duration::ZERO));
        let opened = open_memory(&disk.after_power_cut(PowerCut::CLEAN));
        found |= matches!(opened, Err(OpenError::Amnesia { .. }));
    }
    found
}

#[tokio::test]
async fn power_that_goes_between_mark_and_log_looks_like_a_loss_of_memory() {
    assert!(!is_ever_amnesiac().await);
    let _planted = OnThisThread::plant(Planted::MarkSyncedBeforeLog);
    assert!(is_ever_amnesiac().await);
}
