//! What was durable and is gone or changed is amnesia.

use crate::fixture::{Step, create_memory, entry, no_failure, open_memory, perform, submit};
use regent_raft::log_store::amnesia::{Amnesia, Damage, OpenError};
use regent_raft::log_store::mark::StoreId;
use regent_raft::log_store::memory::MemoryDisk;
use regent_raft::log_store::store::{LogOptions, LogStore};
use std::time::Duration;

#[tokio::test]
async fn record_lost_before_the_mark_is_amnesia() {
    for lost in 1..=5 {
        let disk = MemoryDisk::default();
        let (store, mut pump) = create_memory(&disk);
        for index in 0..5 {
            submit(&store, &Step::Append(vec![entry(1, index, 50)])).await.unwrap();
            pump.turn(Duration::from_secs(index)).unwrap();
        }
        pump.turn(Duration::from_secs(9)).unwrap();
        disk.lose_record(lost);
        let opened = open_memory(&disk);
        let Err(OpenError::Amnesia { reason: Amnesia::Damaged(damage) }) = opened.map(|_| ())
        else {
            panic!("record {lost} is gone and nobody noticed");
        };
        let shorter = matches!(damage, Damage::ShorterThanMark { last: 4, marked: 5, .. });
        assert_eq!(shorter, lost == 5, "{damage}");
    }
}

#[tokio::test]
async fn flipped_bit_before_the_mark_is_amnesia() {
    let disk = MemoryDisk::default();
    let (store, pump) = create_memory(&disk);
    let store = store.run(pump).unwrap();
    for index in 0..5 {
        perform(&store, &Step::Append(vec![entry(1, index, 50)])).await;
    }
    drop(store);
    for bit in (0..400).step_by(7) {
        let damaged = disk.after_kill();
        damaged.flip_record_bit(1 + bit as u64 % 5, bit);
        let opened = open_memory(&damaged).map(|_| ());
        assert!(matches!(opened, Err(OpenError::Amnesia { .. })), "bit {bit}");
    }
}

#[tokio::test]
async fn log_of_another_store_is_refused() {
    let disk = MemoryDisk::default();
    drop(create_memory(&disk));
    let opened = LogStore::open_in_memory(&disk, StoreId(8), &LogOptions::default(), no_failure());
    let Err(OpenError::Amnesia { reason }) = opened.map(|_| ()) else { panic!("opened") };
    assert!(matches!(reason, Amnesia::OtherStore));
}
