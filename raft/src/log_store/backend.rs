//! What the journal asks of a disk: numbered opaque records that are appended, removed from the front, and synced.
//!
//! Two implementations: `sled` for production, `memory` for simulation and tests. What the records mean, how large
//! they may be and how many may go between two syncs is the journal's business, not theirs.

use std::io;
use std::ops::RangeInclusive;

/// A record as a disk holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its place in the journal. The first is 1, there are no gaps, and none is used for two different
    /// contents that were both synced.
    pub sequence: u64,
    /// Its sealed bytes.
    pub bytes: Vec<u8>,
}

/// A disk under the journal.
///
/// After a crash, what was done since the last [`sync`](Self::sync) survives as a prefix of the calls in
/// the order they were made; the last call of that prefix may be cut in the middle of a record.
/// After any error the disk is not to be used again.
pub trait LogBackend: Send {
    /// Adds records at the end. Not durable yet.
    ///
    /// # Errors
    /// The disk refused or broke.
    fn append(&mut self, records: &[StoredRecord]) -> io::Result<()>;

    /// Removes records, durable or not. Not durable yet.
    ///
    /// # Errors
    /// The disk refused or broke.
    fn remove(&mut self, sequences: RangeInclusive<u64>) -> io::Result<()>;

    /// Makes everything before this call survive a power cut.
    ///
    /// # Errors
    /// The disk refused or broke; nothing since the last sync may be counted on.
    fn sync(&mut self) -> io::Result<()>;

    /// Shows every record in the order of sequences, until `visit` breaks.
    ///
    /// # Errors
    /// The disk broke. Damaged bytes are shown as they are.
    fn scan(&mut self, visit: &mut RecordVisitor<'_>) -> io::Result<()>;
}

/// Sees one record of a scan: its sequence and its bytes; breaks to end the scan.
pub type RecordVisitor<'a> = dyn FnMut(u64, &[u8]) -> std::ops::ControlFlow<()> + 'a;
