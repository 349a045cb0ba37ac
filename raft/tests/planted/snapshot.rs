//! Snapshots whose damage nobody notices.

use regent_core::planted::{OnThisThread, Planted};
use regent_core::state::State;
use regent_core::state::meta::Meta;
use regent_raft::state_machine::snapshot_file::{read, write};
use regent_raft::type_config::SnapshotMeta;

#[test]
fn snapshot_with_another_byte_is_taken_for_a_state() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("1.snapshot");
    let state = State::new(Meta { cluster_id: "the cluster's name".into(), ..Meta::default() });
    write(&path, &SnapshotMeta::default(), &state).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let unnoticed = || {
        let taken = (0..whole.len()).filter(|place| {
            let mut damaged = whole.clone();
            damaged[*place] ^= 1;
            std::fs::write(&path, damaged).unwrap();
            read(&path).is_ok_and(|(_, taken)| taken.digest() != state.digest())
        });
        taken.count()
    };
    assert_eq!(unnoticed(), 0);
    let _planted = OnThisThread::plant(Planted::SnapshotWithoutChecksum);
    assert!(unnoticed() > 0);
}
