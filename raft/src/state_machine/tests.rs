//! Snapshots that are built while another is installed.

use crate::clock::ManualClock;
use crate::digest_check::DigestChecks;
use crate::runtime::tasks::Tasks;
use crate::state_machine::published::{Published, Publisher};
use crate::state_machine::snapshot_store::SnapshotStore;
use crate::state_machine::{FileWork, StateMachine};
use crate::type_config::{LogId, SnapshotMeta, StoredMembership};
use openraft::storage::{RaftSnapshotBuilder as _, RaftStateMachine as _};
use regent_core::state::State;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

fn after(index: u64) -> Published {
    Published {
        applied: Some(LogId::new_term_index(1, index)),
        membership: StoredMembership::default(),
        state: State::default(),
        since_boot: Duration::ZERO,
    }
}

fn meta(index: u64) -> SnapshotMeta {
    SnapshotMeta {
        last_log_id: Some(LogId::new_term_index(1, index)),
        last_membership: StoredMembership::default(),
    }
}

fn state_machine(directory: &Path, applied: Published) -> StateMachine {
    with_room_kept(directory, applied, 0)
}

fn with_room_kept(directory: &Path, applied: Published, room_kept_bytes: u64) -> StateMachine {
    let (tasks, stopping) = (Tasks::of_this_runtime(), CancellationToken::new());
    let files = FileWork { tasks, stopping, room_kept_bytes };
    StateMachine::new(
        Publisher::start(applied).unwrap(),
        SnapshotStore::open(directory.join("own")).unwrap(),
        None,
        Arc::new(ManualClock::default()),
        Arc::new(DigestChecks::default()),
        files,
    )
}

#[tokio::test]
async fn build_that_ends_after_a_newer_snapshot_was_installed_does_not_replace_it() {
    let directory = tempfile::tempdir().unwrap();
    let mut machine = state_machine(directory.path(), after(5));
    let mut builder = machine.get_snapshot_builder().await;
    let leaders = SnapshotStore::open(directory.path().join("leader")).unwrap();
    let sent = leaders.write(meta(9), &State::default()).unwrap();
    machine.install_snapshot(&sent.meta, sent.file).await.unwrap();
    let built = builder.build_snapshot().await.unwrap();
    assert_eq!(built.meta.last_log_id, meta(5).last_log_id);
    let current = machine.get_current_snapshot().await.unwrap().unwrap();
    assert_eq!(current.meta.last_log_id, meta(9).last_log_id);
}

/// A file of this name is written to a disk that is full.
fn write_to_full_disk(file: &Path) {
    std::os::unix::fs::symlink("/dev/full", file).unwrap();
}

#[tokio::test]
async fn snapshot_that_finds_no_room_is_no_failure_and_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let mut machine = state_machine(directory.path(), after(5));
    let folder = directory.path().join("own");
    let temporary = folder.join(format!("{:020}.tmp", 5));
    write_to_full_disk(&temporary);
    let mut builder = machine.try_create_snapshot_builder(false).await.unwrap();
    let built = builder.build_snapshot().await.unwrap();
    assert_eq!(built.meta.last_log_id, None, "there was none before");
    assert!(machine.get_current_snapshot().await.unwrap().is_none());
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    let built = builder.build_snapshot().await.unwrap();
    assert_eq!(built.meta.last_log_id, meta(5).last_log_id, "with room it is made");
    write_to_full_disk(&temporary);
    let built = builder.build_snapshot().await.unwrap();
    assert_eq!(built.meta.last_log_id, meta(5).last_log_id, "the one before it stands");
}

#[tokio::test]
async fn snapshot_is_made_on_a_thread_of_low_priority_and_installed_on_one_that_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let files = state_machine(directory.path(), after(5)).files;
    let look = || {
        let niceness = rustix::process::getpriority_process(None).unwrap();
        Ok((std::thread::current().name().map(str::to_owned), niceness))
    };
    let (_, own) = look().unwrap();
    let (name, writing) = files.run_aside(look).await.unwrap();
    assert_eq!(name.as_deref(), Some("snapshot-writer"));
    assert!(writing > own, "{writing}, {own}");
    let (_, installing) = files.run(look).await.unwrap();
    assert_eq!(installing, own);
}

#[tokio::test]
async fn no_snapshot_is_begun_that_would_take_the_room_of_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let mut machine = with_room_kept(directory.path(), after(5), u64::MAX);
    assert!(machine.try_create_snapshot_builder(false).await.is_none());
    assert!(
        machine.try_create_snapshot_builder(true).await.is_some(),
        "openraft cannot do without"
    );
}

#[test]
fn start_removes_what_a_crash_left_over_and_keeps_what_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let names = ["1.tmp", "incoming-1.received", "2.damaged", "incoming-2.partial", "3.snapshot"];
    for name in names {
        std::fs::write(directory.path().join(name), b"").unwrap();
    }
    SnapshotStore::open(directory.path().to_owned()).unwrap();
    let left = names.map(|name| directory.path().join(name).exists());
    assert_eq!(left, [false, false, true, true, true]);
}

#[test]
fn snapshots_that_cannot_be_read_keep_their_names_and_are_there_at_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let store = SnapshotStore::open(directory.path().to_owned()).unwrap();
    let newest = store.write(meta(9), &State::default()).unwrap().file.path;
    // A link to itself cannot be opened, not even by root.
    let aside = directory.path().join("aside");
    std::fs::rename(&newest, &aside).unwrap();
    std::os::unix::fs::symlink(&newest, &newest).unwrap();
    let refused = store.recover().unwrap_err();
    assert_eq!(refused.kind(), std::io::Error::from(rustix::io::Errno::LOOP).kind());
    std::fs::remove_file(&newest).unwrap();
    std::fs::rename(&aside, &newest).unwrap();
    let store = SnapshotStore::open(directory.path().to_owned()).unwrap();
    let (kept, _) = store.recover().unwrap().newest.unwrap();
    assert_eq!(kept.file.path, newest);
}

#[test]
fn damaged_snapshot_is_kept_until_a_good_one_covers_what_it_held() {
    let directory = tempfile::tempdir().unwrap();
    let store = SnapshotStore::open(directory.path().to_owned()).unwrap();
    store.write(meta(5), &State::default()).unwrap();
    let newest = store.write(meta(9), &State::default()).unwrap().file.path;
    std::fs::write(&newest, b"no snapshot").unwrap();
    assert_eq!(store.recover().unwrap().damaged.len(), 1);
    let damaged = newest.with_extension("damaged");
    store.prune().unwrap();
    assert!(damaged.exists(), "the one before it reaches less far");
    store.write(meta(12), &State::default()).unwrap();
    store.prune().unwrap();
    assert!(!damaged.exists());
}
