//! The log's journal, read back from a disk that may hold anything.
//!
//! Whatever the records: a log or the damage by its name, the same each time. A log that reads holds entries that
//! follow each other, and reads the same without the torn record behind it.

use crate::frames;
use crate::subject::way;
use crate::target::Target;
use bytes::Bytes;
use regent_core::codec::{from_bare, to_bare};
use regent_core::time::{ClusterTime, WallTime};
use regent_raft::log_store::backend::{LogBackend as _, StoredRecord};
use regent_raft::log_store::mark::{Mark, StoreId};
use regent_raft::log_store::memory::MemoryDisk;
use regent_raft::log_store::record::{Ballot, Link, Op, Position, RECORD_BYTES_MAX, Record, pack};
use regent_raft::log_store::replay::{Replayed, replay};
use regent_raft::log_store::standing::Standing;
use regent_raft::type_config::{Entry, LogId, Stamped};

/// The target. The first frame's first byte says how many records are marked as durable; every other frame is one
/// record: a byte that says how it is read, then its operations in bare form or sealed bytes as they are.
pub const TARGET: Target = Target {
    name: "journal",
    about: "replays the records of a log",
    run,
    seeds,
    words: &[
        frames::MARK,
        b"\0",
        b"\x01",
        b"\x01\x01",
        b"\xfd\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xfd\0\0\0\0\0\0\x20\0",
        b"\xfc\xff\xff\xff\xff",
    ],
    input_bytes_max: 40 << 10,
    memory_bytes_max: 68 << 20,
    memory_factor: 128,
};

/// Records of one journal.
const RECORDS_MAX: usize = 24;
/// How a frame is read.
const RAW: u8 = 1;
const FORGED: u8 = 2;

fn run(input: &[u8]) -> String {
    let frames = frames::split(input, RECORDS_MAX + 1);
    let Some((head, frames)) = frames.split_first() else { return "nothing".into() };
    let marked = usize::from(head.first().copied().unwrap_or_default());
    let mut disk = MemoryDisk::default();
    let mut mark = Mark {
        store: StoreId(7),
        generation: 1,
        sequence: 0,
        link: Link::GENESIS,
        last: None,
        vote: None,
    };
    let (mut link, mut standing) = (Link::GENESIS, Standing::default());
    // Now and then the records before some sequence are gone, as after a purge.
    let first = u64::from(head.get(1).copied().unwrap_or_default()) + 1;
    for (frame, sequence) in frames.iter().zip(first..) {
        let Some(record) = stored(frame, link, sequence, &mut standing) else { continue };
        link = link.extended(sequence, &record.bytes);
        disk.append(&[record]).expect("a disk in memory takes all");
        if u64::try_from(marked).is_ok_and(|marked| marked + first == sequence + 1) {
            mark = Mark { sequence, link, last: standing.last(), vote: standing.vote, ..mark };
        }
    }
    let read = || replay(&mut disk.after_kill(), &mark).expect("a disk in memory can be read");
    match (read(), read()) {
        (Ok(log), Ok(again)) => {
            assert_eq!(log.entries, again.entries, "one journal, two logs");
            check(&log, &disk, &mark);
            format!("log, torn: {}, empty: {}", log.torn.is_some(), log.entries.is_empty())
        }
        (Err(damage), Err(again)) => {
            assert_eq!(damage, again, "one journal, two damages");
            assert!(!damage.to_string().is_empty());
            way::of(&damage)
        }
        (log, again) => panic!("one journal reads in two ways: {log:?}, {again:?}"),
    }
}

fn stored(
    frame: &[u8],
    previous: Link,
    sequence: u64,
    standing: &mut Standing,
) -> Option<StoredRecord> {
    let (how, bytes) = frame.split_first()?;
    if *how == RAW {
        return Some(StoredRecord { sequence, bytes: bytes.to_vec() });
    }
    let ops: Vec<Op> = from_bare(bytes).ok()?;
    let previous = if *how == FORGED { Link::GENESIS } else { previous };
    let record = Record { previous, ops };
    if to_bare(&record).len() + 8 > RECORD_BYTES_MAX {
        return None;
    }
    record.ops.iter().for_each(|op| standing.note(op));
    Some(record.stored(sequence))
}

fn check(log: &Replayed, disk: &MemoryDisk, mark: &Mark) {
    let indexes: Vec<u64> = log.entries.iter().map(|entry| entry.log_id.index).collect();
    for pair in indexes.windows(2) {
        assert_eq!(pair[0] + 1, pair[1], "entries do not follow each other");
    }
    assert!(log.sequence >= mark.sequence, "a log shorter than its mark");
    if let (Some(purged), Some(first)) = (log.standing.purged, indexes.first()) {
        assert!(*first > purged.index, "a purged entry came back");
    }
    if let Some(torn) = log.torn {
        let shorter = disk.after_kill();
        shorter.lose_record(torn);
        let read = replay(&mut shorter.after_kill(), mark).expect("a disk in memory can be read");
        let read = read.unwrap_or_else(|damage| panic!("without what was torn: {damage}"));
        assert_eq!(read.entries, log.entries, "the torn record counted");
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let journals = [
        vec![put(0, 3), put(1, 3), vote(), put(2, 9), Op::Committed(Some(at(2)))],
        vec![put(0, 30_000), put(1, 5), Op::TruncateAfter(Some(at(0))), put(1, 40_000)],
        vec![put(0, 3), put(1, 3), Op::Purge(at(0)), put(2, 3), vote(), Op::TruncateAfter(None)],
    ];
    let mut seeds = Vec::new();
    for journal in journals {
        let records: Vec<Vec<u8>> = journal
            .iter()
            .flat_map(|op| pack(vec![op.clone()]))
            .map(|ops| [vec![0], to_bare(&ops)].concat())
            .collect();
        for marked in [0, 1, u8::try_from(records.len()).unwrap_or(u8::MAX)] {
            let head = [marked, u8::from(marked == 1)];
            let frames: Vec<Vec<u8>> = [head.to_vec()].into_iter().chain(records.clone()).collect();
            seeds.push(frames::join(&frames));
        }
    }
    seeds
}

/// What an entry carries, in the order openraft has it: its own types are nobody's but `raft`'s.
#[derive(serde::Serialize)]
enum Payload {
    #[expect(dead_code, reason = "only its place in the order counts")]
    Blank,
    Normal(Stamped),
}

fn at(index: u64) -> Position {
    Position { term: 1, index }
}

fn vote() -> Op {
    Op::Vote(Ballot { term: 2, node: 3, committed: true })
}

fn put(index: u64, bytes: usize) -> Op {
    let request = Bytes::from(vec![7; bytes]);
    let normal = Payload::Normal(Stamped { at: ClusterTime(index), wall: WallTime(0), request });
    let entry = to_bare(&(LogId::from(at(index)), normal));
    assert!(from_bare::<Entry>(&entry).is_ok(), "an entry is its id and its payload");
    Op::Put { at: at(index), entry: entry.into() }
}

#[cfg(test)]
mod tests {
    use super::{run, seeds};

    #[test]
    fn seeds_are_whole_logs_unless_their_beginning_is_gone() {
        let ways: Vec<String> = seeds().iter().map(|seed| run(seed)).collect();
        let whole = ways.iter().filter(|way| way.starts_with("log")).count();
        assert!(whole >= ways.len() / 2, "{ways:#?}");
    }
}
