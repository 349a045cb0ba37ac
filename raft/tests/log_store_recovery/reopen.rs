//! Closing and opening again changes nothing, whatever was done before.

use crate::fixture::{
    Dice, Model, Step, create_memory, create_sled, drive, entry, id, open_memory, open_sled,
    perform, submit,
};
use regent_raft::log_store::memory::{MemoryDisk, PowerCut};
use regent_raft::log_store::record::Ballot;
use std::time::Duration;

#[tokio::test]
async fn log_in_sled_holds_the_same_after_a_reopen_as_before() {
    let dir = tempfile::tempdir().unwrap();
    let (mut dice, mut model) = (Dice::new(1), Model::default());
    drop(create_sled(dir.path()));
    for round in 0..120 {
        let store = open_sled(dir.path()).unwrap();
        assert_eq!(Model::of(&store).await, model, "before step {round}");
        let step = dice.step(&model, if round % 10 == 0 { 600_000 } else { 5000 });
        perform(&store, &step).await;
        model.apply(&step);
        assert_eq!(Model::of(&store).await, model, "after step {round}: {step:?}");
    }
}

#[tokio::test]
async fn log_in_memory_holds_the_same_after_a_reopen_as_before() {
    for seed in 1..=20 {
        let (mut dice, mut model) = (Dice::new(seed), Model::default());
        let mut disk = MemoryDisk::default();
        drop(create_memory(&disk));
        for round in 0..150 {
            let (store, pump) = open_memory(&disk).unwrap();
            let store = store.run(pump).unwrap();
            assert_eq!(Model::of(&store).await, model, "seed {seed}, before step {round}");
            let step = dice.step(&model, 40_000);
            perform(&store, &step).await;
            model.apply(&step);
            drop(store);
            disk = disk.after_kill();
        }
    }
}

#[tokio::test]
async fn log_goes_on_after_a_torn_end() {
    let disk = MemoryDisk::default();
    let (store, mut pump) = create_memory(&disk);
    submit(&store, &Step::Append(vec![entry(1, 0, 100)])).await.unwrap();
    pump.turn(Duration::ZERO).unwrap();
    // Four more calls: the long entry's first round and a part of the second.
    disk.break_after(3);
    submit(&store, &Step::Append(vec![entry(1, 1, 500_000)])).await.unwrap();
    pump.turn(Duration::ZERO).unwrap_err();
    let (pieces, _) = disk.unsynced();
    let cut = PowerCut { records_kept: pieces / 2, record_torn_bytes: Some(99), ..PowerCut::CLEAN };
    let disk = disk.after_power_cut(cut);
    for round in 0..3 {
        let (store, pump) = open_memory(&disk).unwrap();
        let store = store.run(pump).unwrap();
        let model = Model::of(&store).await;
        assert_eq!(model.last, Some(id(1, round)));
        perform(&store, &Step::Append(vec![entry(1, round + 1, 400_000)])).await;
    }
}

#[tokio::test]
async fn purged_records_leave_the_disk_and_keep_vote_and_purge() {
    let disk = MemoryDisk::default();
    let (store, mut pump) = create_memory(&disk);
    let vote = Ballot { term: 5, node: 2, committed: true };
    drive(&store, &mut pump, &Step::Vote(vote.into()), Duration::ZERO).await.unwrap();
    for index in 0..300 {
        let now = Duration::from_millis(index);
        let step = Step::Append(vec![entry(5, index, 500)]);
        drive(&store, &mut pump, &step, now).await.unwrap();
        if index % 100 == 99 {
            let step = Step::Purge(id(5, index - 10));
            drive(&store, &mut pump, &step, now).await.unwrap();
        }
    }
    let before = Model::of(&store).await;
    while let Some(due) = pump.deadline() {
        pump.turn(due).unwrap();
    }
    assert!(disk.sequences().len() < 20, "{:?}", disk.sequences());
    let (again, _) = open_memory(&disk.after_power_cut(PowerCut::CLEAN)).unwrap();
    assert_eq!(Model::of(&again).await, before);
    assert_eq!(before.vote, Some(vote.into()));
}

#[tokio::test]
async fn space_on_disk_is_bounded_by_what_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let store = create_sled(dir.path());
    let mut index = 0;
    for group in 0..400 {
        let step = Step::Append((index..index + 20).map(|index| entry(1, index, 2001)).collect());
        perform(&store, &step).await;
        index += 20;
        if group % 20 == 19 {
            perform(&store, &Step::Purge(id(1, index - 100))).await;
        }
    }
    let before = Model::of(&store).await;
    drop(store);
    let bytes = std::fs::metadata(dir.path().join("log/db")).unwrap().len();
    // 16 MB were written, 0.2 MB are kept.
    assert!(bytes < 12 << 20, "{bytes} bytes on disk");
    let store = open_sled(dir.path()).unwrap();
    assert_eq!(Model::of(&store).await, before);
    assert!(store.figures().journal.records < 150, "{:?}", store.figures());
}

#[tokio::test]
async fn entries_still_queued_when_the_last_handle_goes_are_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = create_sled(dir.path());
    for index in 0..100 {
        drop(submit(&store, &Step::Append(vec![entry(1, index, 3000)])).await.unwrap());
    }
    let before = Model::of(&store).await;
    drop(store);
    assert_eq!(Model::of(&open_sled(dir.path()).unwrap()).await, before);
}
