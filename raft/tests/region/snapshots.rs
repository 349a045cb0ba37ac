//! Nodes that come back: by log, by snapshot, or not at all.

use regent_core::command::Command;
use regent_core::command::import::{ImportCommand, ImportGuard};
use regent_core::model::import::{Continues, ImportId};
use regent_core::state::digest::Digest;
use regent_raft::config::RaftConfig;
use regent_raft::error::StartError;
use regent_raft::log_store::amnesia::{Amnesia, OpenError};
use regent_raft::region::propose::Write;
use std::path::PathBuf;

use crate::group::{Group, Place, config, domain, domains, names, soon};

/// Settings under which a few dozen writes make snapshots and purge the log behind them.
fn often_purged() -> RaftConfig {
    RaftConfig { snapshot_entries: 20, entries_kept: 5, ..config() }
}

fn snapshots(place: &Place) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(place.directory.join("snapshots")).unwrap();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "snapshot"));
    files.sort();
    files
}

fn damage(file: &PathBuf) {
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 16].fill(0xAA);
    std::fs::write(file, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_that_was_away_while_the_log_was_purged_catches_up_by_snapshot() {
    let mut group = Group::start_with(often_purged()).await;
    let away = group.some_follower();
    group.stop(away).await;
    group.write(names("while-away", 100)).await;
    group.until(|region| region.purged_index() > 50).await;
    group.restart(away).await;
    group.write(names("meanwhile", 20)).await;
    group.until(|region| domains(region) == 120).await;
    let figures = group.nodes[away].as_ref().unwrap().figures();
    assert!(figures.snapshots.installed > 0, "{figures:?}");
    assert!(figures.snapshots.newest_bytes > 0 && figures.snapshots.last_at.is_some());
    let leader = group.nodes[group.leader().unwrap()].as_ref().unwrap().figures();
    assert!(leader.snapshots.built > 1 && leader.log.journal.purges > 0, "{leader:?}");
    assert!(leader.syncs.count() > 100 && leader.log_disk_bytes > Some(0), "{leader:?}");
    let digests: Vec<_> = group.running().map(|region| region.published().state.digest()).collect();
    assert!(digests.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damaged_newest_snapshot_is_passed_over_and_two_are_amnesia() {
    let mut group = Group::start_with(often_purged()).await;
    group.write(names("d", 100)).await;
    let node = group.some_follower();
    group.until(|region| region.purged_index() > 20).await;
    group.stop(node).await;
    let files = snapshots(&group.places[node]);
    assert_eq!(files.len(), 2, "two are kept");
    damage(&files[1]);
    group.restart(node).await;
    group.until(|region| domains(region) == 100).await;
    group.stop(node).await;
    snapshots(&group.places[node]).iter().for_each(damage);
    let refused = match group.try_restart(node).await {
        Err(refused) => refused,
        Ok(region) => panic!(
            "it started: purged {}, files {:?}",
            region.purged_index(),
            snapshots(&group.places[node])
        ),
    };
    assert!(
        matches!(
            refused,
            StartError::Open(OpenError::Amnesia { reason: Amnesia::SnapshotsLost { .. } })
        ),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn committed_import_is_in_a_snapshot_soon_so_that_no_start_repeats_it() {
    let group = Group::start().await;
    let id = ImportId("site".into());
    let (guard, continues) = (ImportGuard::NoMachines, Continues::default());
    let steps = [
        ImportCommand::Begin { id: id.clone(), source: [1; 32], guard, continues },
        ImportCommand::Commit { id, count: 0, digest: Digest::default() },
    ];
    let mut committed = 0;
    for step in steps {
        let write = Write { command: Command::Import(step), ..domain("unused.example") };
        let reply = group.follower().propose(write, soon()).await.unwrap();
        reply.result.unwrap();
        committed = reply.revision.0;
    }
    // As shipped a snapshot is made after tens of thousands of entries.
    group.until(|region| region.log_indexes().snapshot >= committed).await;
}
