//! The bytes on disk, held fast by golden files: of every operation, of openraft's entries inside them, of the mark.
//!
//! If one of these fails, the disk format has changed. Before the first tag a new golden file may replace the old one
//! (run with `REGENT_BLESS=1`); after it the format version rises and the old file stays readable.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use crate::fixture::entry;
use openraft::entry::{Entry as RaftEntry, EntryPayload};
use regent_core::codec;
use regent_raft::log_store::mark::{self, Mark, StoreId};
use regent_raft::log_store::record::{Ballot, Link, Op, Position, Record};
use regent_raft::type_config::Entry;
use std::fs;
use std::path::PathBuf;

/// The file's bytes; with `REGENT_BLESS` set, `now` becomes the file.
fn golden(name: &str, now: &[u8]) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("REGENT_BLESS").is_some() {
        fs::write(&path, now).unwrap();
    }
    fs::read(path).unwrap()
}

fn entries() -> [Entry; 3] {
    let blank =
        RaftEntry { log_id: Position { term: 2, index: 300 }.into(), payload: EntryPayload::Blank };
    let normal = entry(3, 301, 40);
    // The fixture gives these sizes a membership.
    let membership = entry(3, 302, 20);
    assert!(matches!(membership.payload, EntryPayload::Membership(_)));
    [blank, normal, membership]
}

fn record() -> Record {
    let at = Position { term: 3, index: 303 };
    let mut ops: Vec<Op> = entries()
        .iter()
        .map(|entry| Op::Put { at: entry.log_id.into(), entry: codec::to_bare(entry).into() })
        .collect();
    ops.extend([
        Op::Piece { at, number: 1, of: 3, part: vec![1, 2, 3].into() },
        Op::TruncateAfter(None),
        Op::TruncateAfter(Some(at)),
        Op::Purge(Position { term: 2, index: 299 }),
        Op::Vote(Ballot { term: 4, node: 70_000, committed: true }),
        Op::Committed(None),
        Op::Committed(Some(at)),
    ]);
    Record { previous: Link::GENESIS.extended(1, b"before"), ops }
}

#[test]
fn records_are_written_and_read_as_ever() {
    let now = record().stored(2).bytes;
    let golden = golden("record.bin", &now);
    assert_eq!(now, golden);
    let read = Record::open(&golden).unwrap();
    assert_eq!(read, record());
    for (op, entry) in read.ops.iter().zip(entries()) {
        let Op::Put { entry: bytes, .. } = op else { panic!("{op:?}") };
        assert_eq!(codec::from_bare::<Entry>(bytes).unwrap(), entry);
    }
}

#[test]
fn marks_are_written_and_read_as_ever() {
    let mark = Mark {
        store: StoreId(0x0123_4567_89AB_CDEF_FEDC_BA98_7654_3210),
        generation: 41,
        sequence: 2,
        link: Link::GENESIS.extended(1, b"before"),
        last: Some(Position { term: 3, index: 303 }),
        vote: Some(Ballot { term: 4, node: 70_000, committed: true }),
    };
    // The rest of a slot is zeros.
    let used = |slot: Vec<u8>| slot[..128].to_vec();
    let golden = golden("mark.bin", &used(mark::encode(&mark)));
    assert_eq!(used(mark::encode(&mark)), golden);
    assert_eq!(mark::decode(&golden).unwrap(), mark);
}

#[test]
fn chain_is_computed_as_ever() {
    let link = Link::GENESIS.extended(1, &[0xA5; 40]).extended(2, &[1, 2, 3]);
    assert_eq!(codec::to_bare(&link), golden("link.bin", &codec::to_bare(&link)));
}
