//! A mapped site as the steps that bring it into a region.

use crate::cli::import::digest::DumpDigest;
use crate::cli::import::mapping::Mapped;
use regent_core::apply::apply;
use regent_core::command::import::{ImportCommand, ImportGuard};
use regent_core::command::{Command, Proposal, Request};
use regent_core::model::import::{CHUNK_BYTES_MAX, CHUNKS_MAX, Continues, ImportId, StagedRow};
use regent_core::rejection::Rejection;
use regent_core::state::State;
use regent_core::state::digest::Digest;
use regent_core::state::meta::Meta;
use regent_core::time::{ClusterTime, WallTime};
use sha2::{Digest as _, Sha256};

/// Bytes a row may take beside its own.
const ROW_OVERHEAD_BYTES: usize = 16;
/// Bytes of its identity that an import is called by, in hexadecimal digits.
const ID_BYTES: usize = 8;
/// Behind the name of an import that takes the place of one with the same rows.
const AGAIN: &str = "-again";

/// A site on its way.
pub struct Transfer {
    /// The import's name: the same for the same rows of the same dump, so that it can be gone on with.
    pub id: ImportId,
    /// What tells the dump's content, and what was made of it, from any other.
    pub source: [u8; 32],
    /// Counters that go on.
    pub continues: Continues,
    /// The rows, in pieces.
    pub chunks: Vec<Vec<StagedRow>>,
    /// How many rows.
    pub count: u64,
    /// The sum of their digests.
    pub digest: Digest,
}

/// Why a site cannot be brought in.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// More than a region takes in at once.
    #[error("the site takes {chunks} pieces, {CHUNKS_MAX} are possible")]
    TooLarge {
        /// How many it would take.
        chunks: usize,
    },
    /// A row that fits no piece. To leave it out now would leave what refers to it without it.
    #[error("a row of kind {kind} takes {bytes} bytes, {CHUNK_BYTES_MAX} are possible")]
    RowTooLarge {
        /// The number of its kind.
        kind: u8,
        /// What it takes.
        bytes: usize,
    },
    /// The state machine would refuse it.
    #[error("the region would refuse it: {0}")]
    Refused(#[from] Rejection),
}

impl Transfer {
    /// Packs what was mapped.
    ///
    /// # Errors
    /// [`TransferError::TooLarge`], and [`TransferError::RowTooLarge`] for a row that grew behind its bounds.
    pub fn pack(mapped: &Mapped, content: DumpDigest) -> Result<Self, TransferError> {
        let (mut chunks, mut chunk, mut bytes) = (Vec::new(), Vec::new(), 0);
        let (mut count, mut digest) = (0, Digest::default());
        for row in mapped.site.rows() {
            let size = row.bytes.len() + ROW_OVERHEAD_BYTES;
            if size > CHUNK_BYTES_MAX {
                return Err(TransferError::RowTooLarge { kind: row.kind, bytes: size });
            }
            if bytes + size > CHUNK_BYTES_MAX {
                chunks.push(std::mem::take(&mut chunk));
                bytes = 0;
            }
            (bytes, count) = (bytes + size, count + 1);
            digest = digest.with(ImportCommand::digest_of(&row));
            chunk.push(row);
        }
        chunks.push(chunk);
        if u32::try_from(chunks.len()).is_ok_and(|chunks| chunks > CHUNKS_MAX) {
            return Err(TransferError::TooLarge { chunks: chunks.len() });
        }
        let source = identity(content, digest);
        let continues = mapped.continues.clone();
        Ok(Self { id: name(&source), source, continues, chunks, count, digest })
    }

    /// Gives it another name, for one that replaces its own like.
    pub fn rename(&mut self) {
        self.id.0.push_str(AGAIN);
    }

    /// Its first step.
    #[must_use]
    pub fn begin(&self, guard: ImportGuard) -> ImportCommand {
        let (id, source, continues) = (self.id.clone(), self.source, self.continues.clone());
        ImportCommand::Begin { id, source, guard, continues }
    }

    /// The steps between.
    pub fn pieces(&self) -> impl Iterator<Item = ImportCommand> {
        let piece = |(number, rows): (u32, &Vec<StagedRow>)| ImportCommand::Chunk {
            id: self.id.clone(),
            number,
            rows: rows.clone(),
        };
        (0..).zip(&self.chunks).map(piece)
    }

    /// Its last step.
    #[must_use]
    pub fn commit(&self) -> ImportCommand {
        let (id, count, digest) = (self.id.clone(), self.count, self.digest);
        ImportCommand::Commit { id, count, digest }
    }

    /// The state an empty region would have of it: what a region would refuse is refused here, too.
    ///
    /// # Errors
    /// [`TransferError::Refused`].
    pub fn rehearse(&self) -> Result<State, TransferError> {
        let mut state = State::new(Meta::default());
        let begin = std::iter::once(self.begin(ImportGuard::NoMachines));
        let steps = begin.chain(self.pieces()).chain(std::iter::once(self.commit()));
        for (step, index) in steps.zip(1..) {
            let command = Command::Import(step);
            let principal = String::new();
            let request =
                Request { principal, origin: None, key: None, guards: Vec::new(), command };
            let (at, wall) = (ClusterTime::default(), WallTime::default());
            let applied = apply(&state, index, &Proposal { at, wall, request });
            applied.reply.result?;
            state = applied.state;
        }
        Ok(state)
    }
}

/// What an import is: the dump's content and the rows that were made of it. Leases count from a moment that can be
/// chosen, so that one content can make different rows.
fn identity(content: DumpDigest, rows: Digest) -> [u8; 32] {
    Sha256::new().chain_update(content.0).chain_update(rows.to_bytes()).finalize().into()
}

fn name(source: &[u8; 32]) -> ImportId {
    ImportId(source.iter().take(ID_BYTES).map(|byte| format!("{byte:02x}")).collect())
}
