//! How much a round really writes, measured by the kernel: always less than one sled segment, and never a blob file.
//!
//! The only test of its binary, since the kernel counts for the whole process.

use bytes::Bytes;
use regent_raft::log_store::backend::LogBackend;
use regent_raft::log_store::journal::{Journal, ROUND_BYTES_MAX};
use regent_raft::log_store::mark::{Mark, StoreId};
use regent_raft::log_store::record::{Link, Op, Position, RECORD_BYTES_MAX};
use regent_raft::log_store::sled::{Fdatasync, SEGMENT_BYTES, SledBackend};
use std::fs;
use std::path::Path;

/// Bytes this process has handed to the kernel so far.
fn bytes_written() -> u64 {
    let io = fs::read_to_string("/proc/self/io").unwrap_or_default();
    let line = io.lines().find_map(|line| line.strip_prefix("wchar: "));
    line.and_then(|count| count.parse().ok()).expect("the kernel counts writes")
}

/// An entry that fills a record of its own.
fn full_record(index: u64) -> Op {
    let entry = Bytes::from(vec![index.to_le_bytes()[0]; RECORD_BYTES_MAX - 100]);
    Op::Put { at: Position { term: 1, index }, entry }
}

fn blob_files(path: &Path) -> usize {
    fs::read_dir(path.join("blobs")).map_or(0, Iterator::count)
}

#[test]
fn a_round_writes_less_than_a_segment_and_no_blob_is_ever_made() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let backend: Box<dyn LogBackend> =
        Box::new(SledBackend::create(&path, Fdatasync::Done).unwrap());
    let blobs_made = fs::metadata(path.join("blobs")).unwrap().modified().unwrap();
    let start = Mark {
        store: StoreId(0),
        generation: 0,
        sequence: 0,
        link: Link::GENESIS,
        last: None,
        vote: None,
    };
    let (mut journal, _) = Journal::open(backend, &start, ROUND_BYTES_MAX).unwrap();
    let (mut index, mut worst, mut removed) = (0, 0, 0);
    for group in 0..400_u64 {
        // From nothing to one record above a full round, so that every mixture with removals occurs.
        for _ in 0..group % 17 {
            let (rounds, before) = (journal.figures().rounds, bytes_written());
            let ops = (0..1 + group % 16).map(|offset| full_record(index + offset)).collect();
            journal.write(ops).unwrap();
            index += 1 + group % 16;
            let rounds = (journal.figures().rounds - rounds).max(1);
            if rounds == 1 {
                worst = worst.max(bytes_written() - before);
            }
        }
        if group % 5 == 4 {
            let upto = Position { term: 1, index: index.saturating_sub(40) };
            let mut ops = vec![Op::Purge(upto)];
            ops.extend(Journal::base_ops(journal.standing()));
            journal.write(ops).unwrap();
            journal.marked(journal.tip().0);
        }
        while group % 50 == 49 && journal.removable() {
            let (records, before) = (journal.figures().records, bytes_written());
            journal.tidy().unwrap();
            worst = worst.max(bytes_written() - before);
            removed += records - journal.figures().records;
        }
        assert_eq!(blob_files(&path), 0, "after group {group}");
    }
    assert!(worst < SEGMENT_BYTES as u64, "a round wrote {worst} bytes");
    assert!(worst > ROUND_BYTES_MAX as u64, "only {worst} bytes: are writes counted at all?");
    assert!(removed > 200, "only {removed} records were removed in rounds of their own");
    let touched = fs::metadata(path.join("blobs")).unwrap().modified().unwrap();
    assert_eq!(touched, blobs_made, "a blob was made and removed");
}
