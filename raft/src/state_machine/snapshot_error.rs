//! Why a snapshot file cannot be used: the disk's fault, or the file's.

use regent_core::codec::CodecError;
use regent_core::snapshot::SnapshotError;
use std::io;
use std::path::PathBuf;

/// Why a snapshot file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotFileError {
    /// The file cannot be read or written.
    #[error("snapshot file {path}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is not what was written.
    #[error("snapshot file {path} is damaged at byte {offset}: {what}")]
    Damaged {
        /// Which.
        path: PathBuf,
        /// Where.
        offset: u64,
        /// What is wrong there.
        what: String,
    },
    /// Its head does not decode.
    #[error("snapshot file {path} has no readable head")]
    Head {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: CodecError,
    },
    /// Its records are not a state.
    #[error("snapshot file {path}")]
    Records {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: SnapshotError,
    },
}
