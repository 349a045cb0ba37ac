//! What can be wrong with what is on disk: errors that stop the agent, and losses that do not.

use regent_core::codec::CodecError;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process works in the directory.
    #[error("{0} is in use by another process")]
    InUse(PathBuf),
    /// What is there was written by a newer agent, and this one must not throw it away.
    #[error(
        "{path} has format version {found}, which this version of the agent does not know; start the newer one again, or \
         move the file away and enrol anew"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version found.
        found: u8,
    },
    /// The system refused, and nothing says that the content is damaged: no right, no room, no file handle.
    #[error("{0} cannot be used")]
    Io(PathBuf, #[source] io::Error),
    /// The database refused to write. What was written before stands; what was being written may be there or not.
    #[error("the records could not be written")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The writer has ended: it was dropped, or it panicked.
    #[error("the writer of the records has ended")]
    Ended,
}

/// What an agent finds lost at its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// What is lost.
    pub what: Lost,
    /// How that is known.
    pub why: String,
    /// Where the damaged file was put, for whoever wants to look at it; none if there was none.
    pub kept: Option<PathBuf>,
}

/// What can be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// What was given and might be given: another life begins (rule R9).
    Records,
    /// Who the agent is: it has to enrol anew.
    Identity,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            Lost::Records => "the lease records are",
            Lost::Identity => "the identity is",
        };
        write!(f, "{what} lost: {}", self.why)?;
        match &self.kept {
            Some(kept) => write!(f, "; the damaged file is kept as {}", kept.display()),
            None => Ok(()),
        }
    }
}

/// Why a sealed value cannot be used.
#[derive(Debug)]
pub(crate) enum Unusable {
    /// A newer agent wrote it.
    Newer(u8),
    /// It is damaged.
    Damaged(String),
}

impl From<CodecError> for Unusable {
    fn from(error: CodecError) -> Self {
        match error {
            CodecError::Version { found } => Self::Newer(found),
            CodecError::Short(_)
            | CodecError::Checksum { .. }
            | CodecError::Payload(_)
            | CodecError::Trailing(_) => Self::Damaged(error.to_string()),
        }
    }
}
