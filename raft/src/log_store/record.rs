//! The journal's records: a few operations each, sealed with version and checksum, chained to their predecessor.
//!
//! The types here are plain and our own, so that the disk format does not move with openraft's; only the bytes of an
//! entry are openraft's serde form, and golden files watch over that. Where records are kept and when they are
//! synced is not decided here.

use crate::log_store::backend::StoredRecord;
use crate::type_config::{LogId, NodeId, Vote};
use bytes::Bytes;
use openraft::vote::{RaftLeaderIdExt, leader_id_std::LeaderId};
use regent_core::codec::{self, CodecError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// No sealed record is longer. 20 of them must fit into a quarter of a sled segment: sled moves larger pages to files
/// that it never syncs.
pub const RECORD_BYTES_MAX: usize = 16 << 10;

/// No entry may be longer when encoded. Proposals must be refused far below it.
pub const ENTRY_BYTES_MAX: usize = 32 << 20;

/// Version byte and checksum, with which `codec::seal` begins.
const SEAL_BYTES: usize = 5;
/// Seal, link and count of operations, at most.
const RECORD_OVERHEAD_BYTES_MAX: usize = 32;
/// What a purge repeats: vote and committed position.
const BASE_OPS_MAX: usize = 2;
/// Everything of an operation but the bytes it carries, at most.
const OP_OVERHEAD_BYTES_MAX: usize = 48;
const CARRIED_BYTES_MAX: usize =
    RECORD_BYTES_MAX - RECORD_OVERHEAD_BYTES_MAX - OP_OVERHEAD_BYTES_MAX;

/// A place in the Raft log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Term of the leader that made the entry.
    pub term: u64,
    /// Index of the entry.
    pub index: u64,
}

/// A vote as it stands on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ballot {
    /// The term voted in.
    pub term: u64,
    /// The node voted for.
    pub node: NodeId,
    /// Whether a quorum is known to have granted it.
    pub committed: bool,
}

/// One step of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    /// An entry follows the last one.
    Put {
        /// Its place.
        at: Position,
        /// Its encoded form.
        entry: Bytes,
    },
    /// A part of an entry that is too long for one record. The entry follows the last one when all parts are there.
    Piece {
        /// Its place.
        at: Position,
        /// Which part this is, from 0.
        number: u32,
        /// How many parts there are.
        of: u32,
        /// The bytes of this part.
        part: Bytes,
    },
    /// Entries behind this one are void; without one, all.
    TruncateAfter(Option<Position>),
    /// Entries up to and including this one are no longer needed.
    Purge(Position),
    /// The node voted.
    Vote(Ballot),
    /// The group is known to have committed up to here.
    Committed(Option<Position>),
}

/// The chain of all records up to one, in short: equal links mean equal journals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Link(u64);

/// What is inside a sealed record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The chain up to the record before this one.
    pub previous: Link,
    /// What happened, in order.
    pub ops: Vec<Op>,
}

impl Link {
    /// The chain before the first record.
    pub const GENESIS: Self = Self(0);

    /// The chain with one record more.
    ///
    /// It covers the record's checksum rather than all its bytes: the checksum covers those.
    #[must_use]
    pub fn extended(self, sequence: u64, sealed: &[u8]) -> Self {
        let header = &sealed[..sealed.len().min(SEAL_BYTES)];
        let digest = Sha256::new()
            .chain_update(self.0.to_le_bytes())
            .chain_update(sequence.to_le_bytes())
            .chain_update((sealed.len() as u64).to_le_bytes())
            .chain_update(header)
            .finalize();
        Self(u64::from_le_bytes(std::array::from_fn(|byte| digest[byte])))
    }
}

impl Record {
    /// The record's bytes under its sequence.
    ///
    /// # Panics
    /// If it is longer than [`RECORD_BYTES_MAX`], which [`pack`] prevents.
    #[must_use]
    pub fn stored(&self, sequence: u64) -> StoredRecord {
        let bytes = codec::seal(self);
        assert!(bytes.len() <= RECORD_BYTES_MAX, "pack keeps records within {RECORD_BYTES_MAX}");
        StoredRecord { sequence, bytes }
    }

    /// The record in sealed bytes.
    ///
    /// # Errors
    /// The bytes are damaged or of an unknown version.
    pub fn open(sealed: &[u8]) -> Result<Self, CodecError> {
        codec::open(sealed)
    }

    /// The highest entry index it carries anything of.
    #[must_use]
    pub fn index_max(&self) -> Option<u64> {
        self.ops.iter().filter_map(Op::index).max()
    }
}

impl Op {
    /// The index of the entry it carries, or a part of.
    #[must_use]
    pub const fn index(&self) -> Option<u64> {
        match self {
            Self::Put { at, .. } | Self::Piece { at, .. } => Some(at.index),
            Self::TruncateAfter(_) | Self::Purge(_) | Self::Vote(_) | Self::Committed(_) => None,
        }
    }

    /// The place in the Raft log that it names, if it names one.
    #[must_use]
    pub const fn position(&self) -> Option<Position> {
        match self {
            Self::Put { at, .. } | Self::Piece { at, .. } | Self::Purge(at) => Some(*at),
            Self::TruncateAfter(at) | Self::Committed(at) => *at,
            Self::Vote(_) => None,
        }
    }

    /// How many bytes it takes in a record, at most.
    const fn bytes_max(&self) -> usize {
        OP_OVERHEAD_BYTES_MAX
            + match self {
                Self::Put { entry, .. } => entry.len(),
                Self::Piece { part, .. } => part.len(),
                Self::TruncateAfter(_) | Self::Purge(_) | Self::Vote(_) | Self::Committed(_) => 0,
            }
    }

    /// How many bytes the operations behind it take that belong into the same record, at most.
    const fn base_bytes_max(&self) -> usize {
        match self {
            Self::Purge(_) => BASE_OPS_MAX * OP_OVERHEAD_BYTES_MAX,
            Self::Put { .. }
            | Self::Piece { .. }
            | Self::TruncateAfter(_)
            | Self::Vote(_)
            | Self::Committed(_) => 0,
        }
    }
}

/// Deals operations out to records that keep [`RECORD_BYTES_MAX`], in order; long entries are cut into pieces. A purge
/// shares its record with what must be repeated behind it: a power cut between the two would leave a purge that lets
/// the records before it go, and with them the only vote.
#[must_use]
pub fn pack(ops: Vec<Op>) -> Vec<Vec<Op>> {
    let mut records = Vec::new();
    let mut open = Vec::new();
    let mut open_bytes = RECORD_OVERHEAD_BYTES_MAX;
    for op in ops.into_iter().flat_map(cut) {
        if open_bytes + op.bytes_max() + op.base_bytes_max() > RECORD_BYTES_MAX {
            records.push(std::mem::take(&mut open));
            open_bytes = RECORD_OVERHEAD_BYTES_MAX;
        }
        open_bytes += op.bytes_max();
        open.push(op);
    }
    if !open.is_empty() {
        records.push(open);
    }
    records
}

/// An operation as it is, or the pieces of one that carries too much.
fn cut(op: Op) -> Vec<Op> {
    match op {
        Op::Put { at, entry } if entry.len() > CARRIED_BYTES_MAX => {
            assert!(entry.len() <= ENTRY_BYTES_MAX, "the writer refuses longer entries");
            let of = entry.len().div_ceil(CARRIED_BYTES_MAX);
            let of = u32::try_from(of).expect("an entry has fewer pieces than bytes");
            let starts = (0..entry.len()).step_by(CARRIED_BYTES_MAX);
            (0..of)
                .zip(starts)
                .map(|(number, start)| {
                    let part = entry.slice(start..entry.len().min(start + CARRIED_BYTES_MAX));
                    Op::Piece { at, number, of, part }
                })
                .collect()
        }
        op @ (Op::Put { .. }
        | Op::Piece { .. }
        | Op::TruncateAfter(_)
        | Op::Purge(_)
        | Op::Vote(_)
        | Op::Committed(_)) => vec![op],
    }
}

impl From<LogId> for Position {
    fn from(id: LogId) -> Self {
        Self { term: *id.leader_id, index: id.index }
    }
}

impl From<Position> for LogId {
    fn from(position: Position) -> Self {
        // The node is not part of a committed leader id: one term has one leader.
        Self {
            leader_id: LeaderId::<u64, NodeId>::new_committed(position.term, 0),
            index: position.index,
        }
    }
}

impl From<Vote> for Ballot {
    fn from(vote: Vote) -> Self {
        Self {
            term: vote.leader_id.term,
            node: vote.leader_id.voted_for,
            committed: vote.committed,
        }
    }
}

impl From<Ballot> for Vote {
    fn from(ballot: Ballot) -> Self {
        Self {
            leader_id: LeaderId { term: ballot.term, voted_for: ballot.node },
            committed: ballot.committed,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "index {} of term {}", self.index, self.term)
    }
}

#[cfg(test)]
mod tests {
    use super::{ENTRY_BYTES_MAX, Link, Op, Position, RECORD_BYTES_MAX, Record, pack};
    use bytes::Bytes;

    fn put(index: u64, bytes: usize) -> Op {
        let at = Position { term: u64::MAX, index };
        Op::Put { at, entry: vec![0xA5; bytes].into() }
    }

    fn sealed_lengths(ops: Vec<Op>) -> Vec<usize> {
        let seal = |ops| Record { previous: Link(u64::MAX), ops }.stored(1).bytes.len();
        pack(ops).into_iter().map(seal).collect()
    }

    #[test]
    fn no_record_is_longer_than_the_limit() {
        for bytes in (0..3 * RECORD_BYTES_MAX).step_by(977) {
            let ops = vec![put(u64::MAX - 1, bytes), put(u64::MAX, 40_000), put(1, 16_300)];
            assert!(sealed_lengths(ops).into_iter().all(|length| length <= RECORD_BYTES_MAX));
        }
    }

    #[test]
    fn small_entries_share_a_record() {
        assert_eq!(sealed_lengths((1..=50).map(|index| put(index, 200)).collect()).len(), 1);
    }

    #[test]
    fn pieces_of_a_long_entry_make_up_the_entry() {
        let entry: Bytes = (0..100_000_u32).map(|n| n.to_le_bytes()[n as usize % 3]).collect();
        let at = Position { term: 3, index: 9 };
        let mut joined = Vec::new();
        let records = pack(vec![Op::Put { at, entry: entry.clone() }]);
        for (expected, ops) in (0..).zip(&records) {
            let [Op::Piece { at: place, number, of, part }] = ops.as_slice() else {
                panic!("one piece a record, not {ops:?}");
            };
            assert_eq!((*place, *number, *of as usize), (at, expected, records.len()));
            joined.extend_from_slice(part);
        }
        assert_eq!(joined, entry);
    }

    #[test]
    fn the_longest_entry_can_be_cut() {
        let records = pack(vec![put(1, ENTRY_BYTES_MAX)]);
        assert_eq!(records.len(), ENTRY_BYTES_MAX.div_ceil(super::CARRIED_BYTES_MAX));
    }

    #[test]
    fn links_differ_with_sequence_content_and_predecessor() {
        let link = Link::GENESIS.extended(1, b"record one");
        assert_ne!(link, Link::GENESIS.extended(2, b"record one"));
        assert_ne!(link, Link::GENESIS.extended(1, b"rEcord one"));
        assert_ne!(link, link.extended(1, b"record one"));
    }
}
