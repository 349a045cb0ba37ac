//! The kinds of load under which power is cut, and the entries they write.

use bytes::Bytes;
use openraft::entry::{Entry as RaftEntry, EntryPayload};
use regent_core::time::{ClusterTime, WallTime};
use regent_raft::log_store::record::Position;
use regent_raft::log_store::reserve::ReserveSize;
use regent_raft::log_store::sled::Fdatasync;
use regent_raft::log_store::store::LogOptions;
use regent_raft::type_config::{Entry, Stamped};

/// Size of the disks.
pub(crate) const DISK_BYTES: u64 = 512 << 20;

/// What the writer does until it loses power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Groups of up to 512 entries of up to 16 KiB: 32 rounds of the cap.
    Bursts,
    /// Small groups, and a purge behind 300 entries all the time.
    Purge,
    /// As bursts, but every other time the power goes within 50 ms of the restart.
    Again,
    /// Control: as purge, with our `fdatasync` left out.
    WithoutFdatasync,
    /// Control: groups of 24 MiB in one round.
    WithoutCap,
}

impl Kind {
    /// All kinds, with the names they have on the command line.
    const NAMES: [(&'static str, Self); 5] = [
        ("bursts", Self::Bursts),
        ("purge", Self::Purge),
        ("again", Self::Again),
        ("without-fdatasync", Self::WithoutFdatasync),
        ("without-cap", Self::WithoutCap),
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    pub(crate) fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|(_, kind)| *kind == self);
        found.map(|(name, _)| *name).expect("every kind has a name")
    }

    /// How the writer's log is run.
    pub(crate) fn options(self) -> LogOptions {
        let mut options = LogOptions {
            reserve: ReserveSize { bytes: 32 << 20, floor_bytes: 8 << 20 },
            ..LogOptions::default()
        };
        match self {
            Self::Bursts | Self::Purge | Self::Again => {}
            Self::WithoutFdatasync => options.fdatasync = Fdatasync::Skipped,
            Self::WithoutCap => options.round_bytes_max = usize::MAX,
        }
        options
    }

    /// At most this many entries in a group, of at most this many bytes, and how many are kept at a purge.
    pub(crate) const fn load(self) -> Load {
        match self {
            Self::Bursts | Self::Again => Load { group_max: 512, bytes_max: 16_000, kept: 2000 },
            Self::Purge | Self::WithoutFdatasync => {
                Load { group_max: 40, bytes_max: 6000, kept: 300 }
            }
            Self::WithoutCap => Load { group_max: 3000, bytes_max: 16_000, kept: 4000 },
        }
    }
}

/// The size of a load.
pub(crate) struct Load {
    pub(crate) group_max: u64,
    pub(crate) bytes_max: u64,
    pub(crate) kept: u64,
}

/// A xorshift generator.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}

/// An entry that tells what it should contain: size and seed come first.
pub(crate) fn entry(index: u64, seed: u64, bytes: u64) -> Entry {
    let mut request = Vec::new();
    request.extend_from_slice(&seed.to_le_bytes());
    request.extend_from_slice(&bytes.to_le_bytes());
    let mut dice = Dice::new(seed ^ (index << 24));
    while (request.len() as u64) < bytes {
        request.extend_from_slice(&dice.below(1 << 50).to_le_bytes());
    }
    let request = Bytes::from(request);
    RaftEntry {
        log_id: Position { term: 1, index }.into(),
        payload: EntryPayload::Normal(Stamped {
            at: ClusterTime(index),
            wall: WallTime(0),
            request,
        }),
    }
}

/// Whether an entry contains what it tells.
pub(crate) fn is_intact(entry: &Entry) -> bool {
    let EntryPayload::Normal(stamped) = &entry.payload else { return false };
    let number = |from: usize| -> Option<u64> {
        let bytes = stamped.request.get(from..from + 8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    };
    let (Some(seed), Some(bytes)) = (number(0), number(8)) else { return false };
    *entry == self::entry(entry.log_id.index, seed, bytes)
}
