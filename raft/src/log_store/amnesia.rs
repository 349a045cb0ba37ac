//! Why a log cannot be opened. *Amnesia* is the case that matters: the node may have promised a vote or acknowledged
//! an entry that it no longer has, so that it must never vote again under its node id.

use crate::log_store::mark::MarkError;
use crate::log_store::record::Position;
use regent_core::codec::CodecError;
use std::io;
use std::path::PathBuf;

/// Why a node's data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The node has forgotten something, or may have.
    #[error(
        "this node has lost its memory and must not vote: {reason}; keep the data directory aside, \
         remove the member, and join again under a new node id with an empty directory"
    )]
    Amnesia {
        /// What was found.
        reason: Amnesia,
    },
    /// There is nothing here yet.
    #[error("{} holds no node; run `regent init` or `regent join` first", .0.display())]
    Empty(PathBuf),
    /// Its preparation was broken off before it held a node.
    #[error("{} was not prepared to the end; run the same `regent init` or `regent join` again", .0.display())]
    Unfinished(PathBuf),
    /// There is something here already.
    #[error("{} holds a node already", .0.display())]
    Occupied(PathBuf),
    /// It is being prepared for something else.
    #[error("{} is being prepared {intent}, and that was not ended", directory.display())]
    OtherIntent {
        /// Which directory.
        directory: PathBuf,
        /// What it is being prepared for.
        intent: String,
    },
    /// Another process works with this directory.
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// The disk or the operating system refused; nothing says that data is lost.
    #[error("cannot use the data directory")]
    Io(#[from] io::Error),
}

/// What was found instead of the log that the node once acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum Amnesia {
    /// The node has an identity but no log.
    #[error("the identity is there, the log is missing")]
    LogMissing,
    /// The log is there, but no identity says whose it is.
    #[error("the log is there, the identity is missing")]
    IdentityMissing,
    /// The identity file does not read.
    #[error("the identity file is damaged: {0}")]
    IdentityDamaged(String),
    /// The files come from two different stores.
    #[error("the identity and the log do not belong together")]
    OtherStore,
    /// The disk layer cannot open or read its files.
    #[error("the log cannot be read: {0}")]
    Unreadable(io::Error),
    /// The records contradict themselves.
    #[error("the log is damaged: {0}")]
    Damaged(#[from] Damage),
    /// The log begins after what the readable snapshots cover.
    #[error("the log begins after entry {purged}, but snapshots reach only to entry {covered}")]
    SnapshotsLost {
        /// Entries up to here are no longer in the log.
        purged: u64,
        /// Entries up to here are in a snapshot that can be read.
        covered: u64,
    },
    /// A leader knows of entries that this node has acknowledged and does not have.
    #[error("the leader was told of entry {acknowledged}, but the log ends with {last}")]
    KnownBetter {
        /// The last entry this node has acknowledged.
        acknowledged: u64,
        /// The last entry it has.
        last: u64,
    },
    /// A voter was asked for its vote in a term that this node knows nothing of.
    #[error("a peer voted for this node in term {known}, but its own last vote is of term {held}")]
    VoteForgotten {
        /// The term the peer voted in.
        known: u64,
        /// The term of the last vote there is.
        held: u64,
    },
    /// The high-water mark is gone.
    #[error("the high-water mark is unusable: {0}")]
    Mark(#[from] MarkError),
}

/// A contradiction in the journal's records.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A record that had been synced does not read.
    #[error("record {sequence} is unreadable: {reason}")]
    Record {
        /// Its place in the journal.
        sequence: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// Records are missing.
    #[error("record {found} follows where {expected} should")]
    SequenceHole {
        /// The sequence that should come.
        expected: u64,
        /// The sequence that came.
        found: u64,
    },
    /// A record does not follow the one before it.
    #[error("record {sequence} does not belong to the chain")]
    Chain {
        /// Its place in the journal.
        sequence: u64,
    },
    /// An entry does not follow the one before it.
    #[error("record {sequence}: entry {found} follows where {expected} should")]
    IndexHole {
        /// The record's place in the journal.
        sequence: u64,
        /// The index that should come.
        expected: u64,
        /// The index that came.
        found: u64,
    },
    /// The pieces of a long entry do not fit together.
    #[error("record {sequence}: a piece of entry {index} does not fit")]
    Piece {
        /// The record's place in the journal.
        sequence: u64,
        /// The entry's index.
        index: u64,
    },
    /// An entry's bytes are not that entry.
    #[error("record {sequence}: entry at {at} does not decode to itself")]
    Entry {
        /// The record's place in the journal.
        sequence: u64,
        /// Where it should be.
        at: Position,
    },
    /// Entries between the purge and the first kept one are missing.
    #[error("entries {expected} to before {found} are missing")]
    BeginningMissing {
        /// The first index that should be there.
        expected: u64,
        /// The first index that is there.
        found: u64,
    },
    /// The log ends before the mark.
    #[error("the log ends at record {last}, but record {marked} was synced ({position:?})")]
    ShorterThanMark {
        /// The last record there.
        last: u64,
        /// The record the mark names.
        marked: u64,
        /// The last entry at the mark.
        position: Option<Position>,
    },
    /// The log begins after the mark.
    #[error("the log begins at record {first}, but record {marked} was never given up")]
    BeginsBehindMark {
        /// The first record there.
        first: u64,
        /// The record the mark names.
        marked: u64,
    },
    /// The record named by the mark is another one than was synced.
    #[error("record {marked} is not the one that was synced")]
    DiffersFromMark {
        /// The record the mark names.
        marked: u64,
    },
}

impl Damage {
    /// A record that does not open.
    #[must_use]
    pub fn record(sequence: u64, error: &CodecError) -> Self {
        Self::Record { sequence, reason: error.to_string() }
    }
}

/// What it means that the log could not be read. Only what the files themselves say is a loss of memory: that the system
/// had no file handle, memory or thread to give, or the disk failed to read, may be otherwise in a minute.
pub(crate) fn not_read(error: io::Error) -> OpenError {
    match error.kind() {
        // `Other` is a panic of sled, or what it calls a bug.
        io::ErrorKind::NotFound
        | io::ErrorKind::InvalidData
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::Other => Amnesia::Unreadable(error).into(),
        _ => OpenError::Io(error),
    }
}

impl From<Amnesia> for OpenError {
    fn from(reason: Amnesia) -> Self {
        Self::Amnesia { reason }
    }
}

impl From<Damage> for OpenError {
    fn from(damage: Damage) -> Self {
        Amnesia::Damaged(damage).into()
    }
}

impl From<MarkError> for OpenError {
    fn from(error: MarkError) -> Self {
        match error {
            MarkError::Io(error) => Self::Io(error),
            lost @ (MarkError::Missing | MarkError::Length(_) | MarkError::Damaged(..)) => {
                Amnesia::Mark(lost).into()
            }
        }
    }
}
