//! Commands that bring another site's state in: begun, collected in pieces, committed as a whole or abandoned.

use crate::model::import::{Continues, ImportId, StagedRow};
use crate::state::digest::Digest;
use serde::{Deserialize, Serialize};

/// A step of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportCommand {
    /// Begins it. From here to its end, nothing else is written.
    Begin {
        /// Its name; beginning it again is no error.
        id: ImportId,
        /// What tells the imported content from any other.
        source: [u8; 32],
        /// What it may replace.
        guard: ImportGuard,
        /// What else comes with it.
        continues: Continues,
    },
    /// Adds rows.
    Chunk {
        /// The import.
        id: ImportId,
        /// Which piece; the same one again is no error.
        number: u32,
        /// The rows.
        rows: Vec<StagedRow>,
    },
    /// Makes what was collected the state of the site, or leaves everything as it is.
    Commit {
        /// The import.
        id: ImportId,
        /// How many rows there must be.
        count: u64,
        /// The sum of the digests of all rows.
        digest: Digest,
    },
    /// Drops what was collected.
    Abandon {
        /// The import.
        id: ImportId,
    },
}

/// What an import may replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportGuard {
    /// A site without machines.
    NoMachines,
    /// That, or what an earlier import brought, with everything that was changed since.
    EarlierImport,
}

impl ImportCommand {
    /// What one row adds to the digest of a commit.
    #[must_use]
    pub fn digest_of(row: &StagedRow) -> Digest {
        Digest::of_row(row.kind, &[], &row.bytes)
    }
}
