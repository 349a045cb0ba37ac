//! The writer: what waits becomes durable together, and it says up to where.

use crate::fixture::{address, block_on, open, record, remembered};
use regent_rack_agent::remembered::Write;
use regent_rack_agent::store::trouble::StoreError;
use regent_rack_agent::store::writer::{NotTaken, WAITING_SENDS_MAX};
use std::net::Ipv4Addr;

fn one(last: u8) -> Vec<Write> {
    vec![Write::Record(address(last), record(last))]
}

#[test]
fn progress_reaches_the_last_send_and_never_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, mut progress) = open(folder.path()).0.writer().unwrap();
    for id in 1..=200 {
        writer.send(u64::from(id), one(id)).unwrap();
    }
    let mut told = 0;
    while told < 200 {
        let further = block_on(progress.further()).unwrap();
        assert!(further > told, "{further} after {told}");
        told = further;
    }
}

#[test]
fn what_was_sent_is_written_before_the_writer_is_gone_and_then_progress_ends() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, mut progress) = open(folder.path()).0.writer().unwrap();
    for id in 1..=50 {
        writer.send(u64::from(id), one(id)).unwrap();
    }
    drop(writer);
    assert_eq!(remembered(folder.path()).records.len(), 50);
    assert_eq!(block_on(progress.further()).unwrap(), 50);
    let end = block_on(progress.further()).unwrap_err();
    assert!(matches!(*end, StoreError::Ended), "{end}");
}

#[test]
fn a_disk_that_is_too_slow_is_told_to_the_sender_who_loses_nothing_taken() {
    let folder = tempfile::tempdir().unwrap();
    let (writer, _progress) = open(folder.path()).0.writer().unwrap();
    let far_more = u32::try_from(WAITING_SENDS_MAX * 100).unwrap();
    let address_of = |id| Ipv4Addr::from_bits(0x0A00_0000 + id);
    let refused = (1..=far_more).find_map(|id| {
        let send = writer.send(u64::from(id), vec![Write::Record(address_of(id), record(1))]);
        send.err().map(|error| (id, error))
    });
    let (first_refused, error) = refused.expect("memory is not filled without bound");
    assert_eq!(error, NotTaken::Full);
    drop(writer);
    let expected: Vec<_> = (1..first_refused).map(address_of).collect();
    let found: Vec<_> = remembered(folder.path()).records.into_keys().collect();
    assert_eq!(found, expected);
}
