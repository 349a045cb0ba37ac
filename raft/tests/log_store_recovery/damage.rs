//! Damage at rest to the files of a data directory, snapshots among them: the node has every acknowledged entry, or says
//! that it has lost its memory. There is no third outcome.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::fixture::{Dice, Model, STORE, Step, create_sled, entry, perform};
use regent_core::state::State;
use regent_core::state::meta::Meta;
use regent_raft::identity::{DataDir, IDENTITY_FORMAT, Identity};
use regent_raft::log_store::amnesia::OpenError;
use regent_raft::log_store::store::{LogOptions, LogStore, RESERVE_FILE};
use regent_raft::state_machine::snapshot_store::SnapshotStore;
use regent_raft::type_config::{LogId, SnapshotMeta, StoredMembership};
use std::fs;
use std::path::{Path, PathBuf};

const CASES: u64 = 160;
const SNAPSHOT_FOLDER: &str = "snapshots";
/// Clusters whose names the two snapshots hold: one block of a snapshot each.
const SNAPSHOTS: [&str; 2] = ["behind the purged entries", "behind the whole log"];

/// A state that can be told from any other.
fn state(name: &str) -> State {
    State::new(Meta { cluster_id: name.into(), ..Meta::default() })
}

fn write_snapshot(dir: &Path, name: &str, last: Option<LogId>) {
    let snapshots = SnapshotStore::open(dir.join(SNAPSHOT_FOLDER)).unwrap();
    let last_membership = StoredMembership::default();
    let meta = SnapshotMeta { last_log_id: last, last_membership };
    snapshots.write(meta, &state(name)).unwrap();
}

/// A closed node with entries of all sizes, votes, truncations, purges and two snapshots behind it.
async fn healthy_node(dir: &Path) -> Model {
    let data = DataDir::lock(dir).unwrap();
    let store = create_sled(dir);
    data.write_identity(&Identity {
        format: IDENTITY_FORMAT,
        cluster_id: "c1".into(),
        epoch: 1,
        node_id: 3,
        name: "n3".into(),
        store: STORE,
    })
    .unwrap();
    let (mut dice, mut model) = (Dice::new(5), Model::default());
    for round in 0..250 {
        let step = dice.step(&model, if round % 20 == 0 { 300_000 } else { 8000 });
        perform(&store, &step).await;
        model.apply(&step);
    }
    let next = model.next_index();
    let step = Step::Append((next..next + 40).map(|index| entry(9, index, 5000)).collect());
    perform(&store, &step).await;
    model.apply(&step);
    write_snapshot(dir, SNAPSHOTS[0], model.purged);
    write_snapshot(dir, SNAPSHOTS[1], model.last);
    model
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if fs::metadata(&path).unwrap().len() > 0 && !path.ends_with(RESERVE_FILE) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("log/blobs")).unwrap();
    fs::create_dir_all(to.join(SNAPSHOT_FOLDER)).unwrap();
    for file in files(from) {
        fs::copy(&file, to.join(file.strip_prefix(from).unwrap())).unwrap();
    }
}

/// Cuts a file, flips one bit, or overwrites a block; tells what it did. Tries again if the file is the same after it.
fn damage(dir: &Path, dice: &mut Dice) -> String {
    loop {
        if let Some(damage) = damage_once(dir, dice) {
            return damage;
        }
    }
}

fn damage_once(dir: &Path, dice: &mut Dice) -> Option<String> {
    let files = files(dir);
    let database = dir.join("log/db");
    let pick = dice.below(2 * files.len() as u64);
    let file = files.get(usize::try_from(pick).unwrap()).unwrap_or(&database);
    let mut bytes = fs::read(file).unwrap();
    let before = bytes.clone();
    let at = usize::try_from(dice.below(bytes.len() as u64)).unwrap();
    let what = match dice.below(3) {
        0 => {
            bytes.truncate(at);
            "cut"
        }
        1 => {
            bytes[at] ^= 1 << dice.below(8);
            "bit flipped"
        }
        _ => {
            let end = bytes.len().min(at + 4096);
            let filling = u8::try_from(dice.below(2) * 0xA7).unwrap();
            bytes[at..end].fill(filling);
            "block overwritten"
        }
    };
    let is_damage = bytes != before;
    fs::write(file, bytes).unwrap();
    is_damage.then(|| format!("{} of {} at {at}", what, file.strip_prefix(dir).unwrap().display()))
}

/// Opens as a node does at start.
fn open(dir: &Path) -> Result<LogStore, OpenError> {
    let data = DataDir::lock(dir)?;
    let identity = data.identity()?;
    LogStore::open(dir, identity.store, &LogOptions::default(), Box::new(|_| ()))
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Whole,
    Amnesia,
}

/// The newest snapshot that can be read holds what was written, and reaches as far as the purged entries.
fn check_snapshots(dir: &Path, model: &Model, what: &str) {
    let snapshots = SnapshotStore::open(dir.join(SNAPSHOT_FOLDER)).unwrap();
    let recovered = snapshots.recover().unwrap();
    let (kept, found) = recovered.newest.unwrap_or_else(|| panic!("{what}: no snapshot is left"));
    assert!(kept.meta.last_log_id >= model.purged, "{what}: entries are in no snapshot");
    let name = if kept.meta.last_log_id == model.last { SNAPSHOTS[1] } else { SNAPSHOTS[0] };
    assert_eq!(found.digest(), state(name).digest(), "{what}: another state");
}

/// Checks the node; if it seems whole, goes on working with it and checks again.
async fn outcome(dir: &Path, mut model: Model, what: &str) -> Outcome {
    check_snapshots(dir, &model, what);
    for generation in 0..3_u64 {
        let store = match open(dir) {
            Ok(store) => store,
            Err(OpenError::Amnesia { .. }) => return Outcome::Amnesia,
            Err(other) => panic!("{what}, generation {generation}: {other}"),
        };
        assert!(Model::of(&store).await == model, "{what}, generation {generation}: other content");
        for _ in 0..10 {
            let step = Step::Append(vec![entry(10 + generation, model.next_index(), 9000)]);
            perform(&store, &step).await;
            model.apply(&step);
        }
    }
    Outcome::Whole
}

#[tokio::test]
async fn damaged_node_is_whole_or_amnesiac() {
    let origin = tempfile::tempdir().unwrap();
    let model = healthy_node(origin.path()).await;
    let (mut outcomes, mut snapshots) = (Vec::new(), 0);
    for seed in 1..=CASES {
        let dir = tempfile::tempdir().unwrap();
        copy(origin.path(), dir.path());
        let what = format!("seed {seed}: {}", damage(dir.path(), &mut Dice::new(seed)));
        snapshots += usize::from(what.contains(SNAPSHOT_FOLDER));
        outcomes.push(outcome(dir.path(), model.clone(), &what).await);
    }
    assert!(snapshots >= 10, "{snapshots} of {CASES} cases are about snapshots");
    let amnesias = outcomes.iter().filter(|outcome| **outcome == Outcome::Amnesia).count();
    assert!((40..150).contains(&amnesias), "{amnesias} of {CASES} cases are amnesia");
}

#[tokio::test]
async fn undamaged_copy_is_whole() {
    let (origin, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let model = healthy_node(origin.path()).await;
    copy(origin.path(), dir.path());
    assert_eq!(outcome(dir.path(), model, "nothing").await, Outcome::Whole);
}

#[tokio::test]
async fn log_or_mark_taken_away_is_amnesia() {
    let origin = tempfile::tempdir().unwrap();
    let model = healthy_node(origin.path()).await;
    for missing in ["log/db", "log/conf", "mark", "node.json", "log"] {
        let dir = tempfile::tempdir().unwrap();
        copy(origin.path(), dir.path());
        let path = dir.path().join(missing);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
        let found = outcome(dir.path(), model.clone(), missing).await;
        assert_eq!(found, Outcome::Amnesia, "without {missing}");
    }
}
