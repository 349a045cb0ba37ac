//! How the writer groups, syncs, marks and fails; and what readers get.

use crate::fixture::{STORE, Step, create_memory, drive, entry, id, open_memory, submit};
use openraft::RaftLogReader;
use openraft::storage::{IOFlushed, RaftLogStorage};
use regent_raft::log_store::memory::{MemoryDisk, PowerCut};
use regent_raft::log_store::record::Ballot;
use regent_raft::log_store::store::{LogOptions, LogStore};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[tokio::test]
async fn mark_follows_an_append_within_its_delay_and_a_vote_at_once() {
    let (store, mut pump) = create_memory(&MemoryDisk::default());
    let at = Duration::from_millis;
    drive(&store, &mut pump, &Step::Append(vec![entry(1, 0, 50)]), at(10)).await.unwrap();
    assert_eq!((store.figures().mark_syncs, pump.deadline()), (0, Some(at(15))));
    drive(&store, &mut pump, &Step::Append(vec![entry(1, 1, 50)]), at(14)).await.unwrap();
    assert_eq!((store.figures().mark_syncs, pump.deadline()), (0, Some(at(15))));
    pump.turn(at(15)).unwrap();
    assert_eq!((store.figures().mark_syncs, pump.deadline()), (1, None));
    let vote = Ballot { term: 2, node: 1, committed: false };
    drive(&store, &mut pump, &Step::Vote(vote.into()), at(16)).await.unwrap();
    assert_eq!((store.figures().mark_syncs, pump.deadline()), (2, None));
}

#[tokio::test]
async fn failed_disk_is_reported_once_and_fails_every_later_call() {
    let disk = MemoryDisk::default();
    let reports = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&reports);
    let fatal =
        Box::new(move |error: &std::io::Error| heard.lock().unwrap().push(error.to_string()));
    let made = LogStore::create_in_memory(&disk, STORE, &LogOptions::default(), fatal);
    let (mut store, mut pump) = made.unwrap();
    let waiting = submit(&store, &Step::Append(vec![entry(1, 0, 10)])).await.unwrap().unwrap();
    disk.break_after(1);
    pump.turn(Duration::ZERO).unwrap_err();
    waiting.await.unwrap().unwrap_err();
    assert_eq!(*reports.lock().unwrap(), ["the disk broke down"]);
    pump.turn(Duration::ZERO).unwrap_err();
    store.purge(id(1, 0)).await.unwrap_err();
    store.try_get_log_entries(..).await.unwrap_err();
    assert_eq!(reports.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn committed_never_causes_a_sync_of_its_own_within_its_delay() {
    let disk = MemoryDisk::default();
    let (mut store, mut pump) = create_memory(&disk);
    submit(&store, &Step::Append(vec![entry(1, 0, 10)])).await.unwrap();
    pump.turn(Duration::ZERO).unwrap();
    pump.turn(Duration::from_millis(10)).unwrap();
    let syncs = disk.syncs();
    store.save_committed(Some(id(1, 0))).await.unwrap();
    assert_eq!(store.read_committed().await.unwrap(), Some(id(1, 0)));
    pump.turn(Duration::from_millis(20)).unwrap();
    pump.turn(Duration::from_millis(219)).unwrap();
    assert_eq!(disk.syncs(), syncs);
    assert_eq!(pump.deadline(), Some(Duration::from_millis(220)));
    pump.turn(Duration::from_millis(220)).unwrap();
    assert_eq!(disk.syncs(), syncs + 1);
    let (mut again, _) = open_memory(&disk.after_power_cut(PowerCut::CLEAN)).unwrap();
    assert_eq!(again.read_committed().await.unwrap(), Some(id(1, 0)));
}

#[tokio::test]
async fn group_is_synced_once_and_a_group_above_the_cap_several_times() {
    let disk = MemoryDisk::default();
    let (store, mut pump) = create_memory(&disk);
    let before = disk.syncs();
    for index in 0..50 {
        submit(&store, &Step::Append(vec![entry(1, index, 100)])).await.unwrap();
    }
    pump.turn(Duration::ZERO).unwrap();
    assert_eq!(disk.syncs(), before + 1);
    let large = (50..114).map(|index| entry(1, index, 16_001)).collect();
    submit(&store, &Step::Append(large)).await.unwrap();
    pump.turn(Duration::ZERO).unwrap();
    assert_eq!(disk.syncs(), before + 1 + 4, "1 MiB in rounds of 256 KiB");
}

#[tokio::test]
async fn limited_read_keeps_its_bytes_and_is_never_empty() {
    let disk = MemoryDisk::default();
    let (mut store, _pump) = create_memory(&disk);
    let entries = (0..10).map(|index| entry(1, index, 400_000)).collect();
    submit(&store, &Step::Append(entries)).await.unwrap();
    assert_eq!(store.limited_get_log_entries(0, 10).await.unwrap().len(), 2);
    submit(&store, &Step::Append(vec![entry(1, 10, 3_000_000)])).await.unwrap();
    assert_eq!(store.limited_get_log_entries(10, 11).await.unwrap().len(), 1);
    assert_eq!(store.limited_get_log_entries(11, 12).await.unwrap().len(), 0);
}

#[tokio::test]
async fn entry_that_would_leave_a_hole_is_refused() {
    let disk = MemoryDisk::default();
    let (mut store, _pump) = create_memory(&disk);
    submit(&store, &Step::Append(vec![entry(1, 0, 10)])).await.unwrap();
    store.append([entry(1, 2, 10)], IOFlushed::noop()).await.unwrap_err();
}
