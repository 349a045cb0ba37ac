//! A store that is opened again has what was written, and nobody else has it meanwhile.

use crate::fixture::{
    CLOCKS, a_bit_of_all, address, all_of_it, block, boot, identity, open, record, remembered,
    told, write,
};
use regent_core::lease::server::Incarnation;
use regent_rack_agent::remembered::{Remembered, Write};
use regent_rack_agent::store::open::Store;
use regent_rack_agent::store::trouble::StoreError;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn a_new_store_knows_nobody_and_remembers_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (store, remembered) = open(&folder.path().join("state"));
    assert_eq!(store.identity(), None);
    assert_eq!(remembered, Remembered::default());
}

#[test]
fn every_piece_is_there_after_each_write() {
    let folder = tempfile::tempdir().unwrap();
    let mut expected = Remembered::default();
    let mut step = |write_now: Write, change: &dyn Fn(&mut Remembered)| {
        write(folder.path(), vec![write_now]);
        change(&mut expected);
        assert_eq!(remembered(folder.path()), expected);
    };
    step(Write::Life(Incarnation(1)), &|r| r.life = Some(Incarnation(1)));
    step(Write::Epoch(2), &|r| r.epoch = Some(2));
    step(Write::Boot(boot("b1")), &|r| r.boot = Some(boot("b1")));
    step(Write::Clocks(CLOCKS), &|r| r.clocks = Some(CLOCKS));
    step(Write::NumbersUntil(500), &|r| r.numbers_until = 500);
    step(Write::Record(address(1), record(1)), &|r| drop(r.records.insert(address(1), record(1))));
    step(Write::Record(address(2), record(2)), &|r| drop(r.records.insert(address(2), record(2))));
    step(Write::Record(address(1), record(9)), &|r| drop(r.records.insert(address(1), record(9))));
    step(Write::NoRecord(address(2)), &|r| drop(r.records.remove(&address(2))));
    step(Write::NoRecord(address(3)), &|_| ());
    step(Write::Blocks(vec![block()]), &|r| r.blocks = vec![block()]);
    step(Write::Blocks(vec![]), &|r| r.blocks = vec![]);
    step(Write::View(vec![1, 2, 3]), &|r| r.view = Some(vec![1, 2, 3]));
    step(Write::Boot(boot("b2")), &|r| r.boot = Some(boot("b2")));
}

#[test]
fn another_life_keeps_nothing_but_the_view() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), a_bit_of_all());
    let first = Write::Record(address(9), record(9));
    write(folder.path(), vec![Write::Life(Incarnation(4)), first]);
    let expected = Remembered {
        life: Some(Incarnation(4)),
        records: [(address(9), record(9))].into(),
        view: all_of_it().view,
        ..Remembered::default()
    };
    assert_eq!(remembered(folder.path()), expected);
}

#[test]
fn writes_of_one_send_count_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let record_then_none = vec![Write::Record(address(1), record(1)), Write::NoRecord(address(1))];
    write(folder.path(), record_then_none);
    assert_eq!(remembered(folder.path()), Remembered::default());
}

#[test]
fn a_second_process_is_refused_by_the_name_of_the_directory_until_the_first_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let (store, _) = open(folder.path());
    let refused = Store::open(folder.path()).err().expect("the directory is taken");
    assert!(matches!(refused, StoreError::InUse(_)));
    let name = folder.path().display().to_string();
    assert_eq!(told(&refused), format!("{name} is in use by another process"));
    let (writer, _progress) = store.writer().unwrap();
    assert!(matches!(Store::open(folder.path()), Err(StoreError::InUse(_))));
    drop(writer);
    open(folder.path());
}

#[test]
fn an_enrolled_agent_knows_itself_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut store, _) = open(folder.path());
    assert!(store.enrolled(&identity("rack-a")).unwrap());
    drop(store);
    assert_eq!(open(folder.path()).0.identity(), Some(&identity("rack-a")));
}

#[test]
fn who_enrols_anew_as_the_same_rack_keeps_what_it_remembers() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).0.enrolled(&identity("rack-a")).unwrap();
    write(folder.path(), a_bit_of_all());
    let mut anew = identity("rack-a");
    anew.key = vec![8; 32];
    assert!(!open(folder.path()).0.enrolled(&anew).unwrap());
    let (store, remembered) = open(folder.path());
    assert_eq!(store.identity(), Some(&anew));
    assert_eq!(remembered, all_of_it());
}

#[test]
fn who_enrols_as_another_rack_forgets_what_the_one_before_remembered() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).0.enrolled(&identity("rack-a")).unwrap();
    write(folder.path(), a_bit_of_all());
    assert!(open(folder.path()).0.enrolled(&identity("rack-b")).unwrap());
    let (store, remembered) = open(folder.path());
    assert_eq!(store.identity(), Some(&identity("rack-b")));
    assert_eq!(remembered, Remembered::default());
}

#[test]
fn nobody_else_can_read_the_identity_or_look_into_the_directory() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("state");
    std::fs::create_dir(&directory).unwrap();
    std::fs::set_permissions(&directory, Permissions::from_mode(0o755)).unwrap();
    open(&directory).0.enrolled(&identity("rack-a")).unwrap();
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(directory.clone()), 0o700);
    assert_eq!(mode(directory.join("identity")), 0o600);
}
