//! Damage is noticed and said; the agent starts without what is lost, and what was damaged is kept to look at.

use crate::fixture::{
    a_bit_of_all, address, all_of_it, block_on, identity, open, record, remembered, told, write,
};
use regent_core::codec;
use regent_rack_agent::remembered::{Remembered, Write};
use regent_rack_agent::store::open::Store;
use regent_rack_agent::store::trouble::{Lost, StoreError};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// An agent that has enrolled and remembers something, at rest.
fn at_rest() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).0.enrolled(&identity("rack-a")).unwrap();
    write(folder.path(), a_bit_of_all());
    folder
}

fn database(folder: &Path) -> PathBuf {
    folder.join("records.redb")
}

/// Opens a store whose records must be found lost, and comes back with what is said about that.
fn loss(folder: &Path) -> String {
    let (store, remembered) = Store::open(folder).unwrap();
    assert_eq!(remembered, Remembered::default());
    let [loss] = store.losses() else { panic!("one loss, not {:?}", store.losses()) };
    assert_eq!(loss.what, Lost::Records);
    assert_eq!(store.identity(), Some(&identity("rack-a")), "the identity is not in the database");
    loss.to_string()
}

#[test]
fn a_file_that_is_no_database_is_kept_aside_by_a_name_that_is_told() {
    let folder = at_rest();
    fs::write(database(folder.path()), "scribble").unwrap();
    let told = loss(folder.path());
    let kept = folder.path().join("records.redb.damaged-1");
    assert!(told.starts_with("the lease records are lost: "), "{told}");
    assert!(told.ends_with(&format!("kept as {}", kept.display())), "{told}");
    assert_eq!(fs::read(kept).unwrap(), b"scribble");
}

#[test]
fn after_a_loss_the_agent_remembers_what_it_is_told_next() {
    let folder = at_rest();
    fs::write(database(folder.path()), "scribble").unwrap();
    loss(folder.path());
    write(folder.path(), vec![Write::Record(address(1), record(1))]);
    let expected = [(address(1), record(1))].into();
    assert_eq!(
        remembered(folder.path()),
        Remembered { records: expected, ..Remembered::default() }
    );
}

#[test]
fn damaged_files_do_not_pile_up() {
    let folder = at_rest();
    for time in 1..=12 {
        fs::write(database(folder.path()), format!("scribble {time}")).unwrap();
        loss(folder.path());
    }
    let kept = |number| folder.path().join(format!("records.redb.damaged-{number}"));
    assert_eq!(fs::read(kept(1)).unwrap(), b"scribble 1", "the first damage tells most");
    assert_eq!(fs::read(kept(9)).unwrap(), b"scribble 12");
    assert!(!kept(10).exists());
}

#[test]
fn records_that_are_not_there_although_the_agent_enrolled_are_lost() {
    let folder = at_rest();
    fs::remove_file(database(folder.path())).unwrap();
    let told = loss(folder.path());
    assert!(told.contains("there is no "), "{told}");
}

#[test]
fn a_database_that_was_never_finished_is_none() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("records.redb.tmp"), "half a data").unwrap();
    assert_eq!(remembered(folder.path()), Remembered::default());
}

#[test]
fn a_database_cut_short_anywhere_is_lost_and_not_read_in_part() {
    let folder = at_rest();
    let whole = fs::read(database(folder.path())).unwrap();
    for length in [0, 1, 320, 511, 512, 4096, whole.len() / 2, whole.len() - 4096, whole.len() - 1]
    {
        fs::write(database(folder.path()), &whole[..length]).unwrap();
        let told = loss(folder.path());
        assert!(told.contains("lost"), "{length} bytes");
    }
}

#[test]
fn every_flipped_bit_is_noticed_or_changes_nothing() {
    let folder = at_rest();
    let whole = fs::read(database(folder.path())).unwrap();
    flip(folder.path(), &whole);
}

#[test]
fn every_flipped_bit_is_noticed_or_changes_nothing_after_a_crash_too() {
    let folder = at_rest();
    let (writer, mut progress) = open(folder.path()).0.writer().unwrap();
    // The state before the last commit is another one, so that going back to it shows.
    for (id, number) in [(1, 3000), (2, 2000), (3, 1000)] {
        writer.send(id, vec![Write::NumbersUntil(number)]).unwrap();
        block_on(progress.further()).unwrap();
    }
    let whole = fs::read(database(folder.path())).unwrap();
    drop(writer);
    flip(folder.path(), &whole);
}

/// Opens the database with one bit flipped, for bits that lie in every field of the header and in every page.
///
/// One bit is out of reach and not among them: bit 72 says which of two commits counts and has no checksum. Flipped
/// after a crash, it brings the state before the last commit back.
fn flip(folder: &Path, whole: &[u8]) {
    let header = (0..320 * 8).step_by(19);
    let beyond = (320 * 8..whole.len() * 8).step_by(8009);
    let mut noticed = 0;
    for bit in header.chain(beyond) {
        let mut flipped = whole.to_owned();
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs::write(database(folder), &flipped).unwrap();
        let (store, remembered) = Store::open(folder).unwrap();
        if store.losses().is_empty() {
            assert_eq!(remembered, all_of_it(), "bit {bit}");
        } else {
            noticed += 1;
        }
    }
    assert!(noticed > 20, "only {noticed} flips were noticed");
}

#[test]
fn a_damaged_identity_is_lost_alone() {
    let folder = at_rest();
    let path = folder.path().join("identity");
    let mut sealed = fs::read(&path).unwrap();
    *sealed.last_mut().unwrap() ^= 1;
    fs::write(&path, &sealed).unwrap();
    let (store, remembered) = Store::open(folder.path()).unwrap();
    let [loss] = store.losses() else { panic!("one loss, not {:?}", store.losses()) };
    assert_eq!((store.identity(), loss.what), (None, Lost::Identity));
    assert_eq!(fs::read(loss.kept.as_ref().unwrap()).unwrap(), sealed);
    assert_eq!(remembered, all_of_it());
}

#[test]
fn what_a_newer_agent_wrote_is_left_alone() {
    let folder = at_rest();
    let path = folder.path().join("identity");
    let mut sealed = codec::seal(&identity("rack-a"));
    sealed[0] += 1;
    fs::write(&path, &sealed).unwrap();
    let refused = Store::open(folder.path()).err().expect("this agent is too old");
    assert!(matches!(&refused, StoreError::Newer { found: 2, .. }), "{}", told(&refused));
    assert_eq!(fs::read(&path).unwrap(), sealed);
}
