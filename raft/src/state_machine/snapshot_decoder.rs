//! From the bytes of a snapshot file to the state in it, in pieces of any length and as far as they have come.
//!
//! A whole block is checked, unpacked and loaded at once. Nothing comes out before everything was found in order:
//! blocks, end, count and digest.

use crate::state_machine::snapshot_blocks::BlockReader;
use crate::state_machine::snapshot_error::SnapshotFileError;
use crate::type_config::SnapshotMeta;
use regent_core::snapshot::{Loader, SnapshotError};
use regent_core::state::State;
use std::path::{Path, PathBuf};

/// A state on its way out of a file.
pub struct SnapshotDecoder {
    path: PathBuf,
    blocks: BlockReader,
    loader: Loader,
}

impl SnapshotDecoder {
    /// Decodes what is in the file `path`; it must be the snapshot `expected`, if one is. The path is for errors only.
    #[must_use]
    pub fn new(path: &Path, expected: Option<&SnapshotMeta>) -> Self {
        let blocks = BlockReader::new(path, expected);
        Self { path: path.to_owned(), blocks, loader: Loader::default() }
    }

    /// Takes the next bytes of the file.
    ///
    /// # Errors
    /// [`SnapshotFileError`] as soon as something in them is wrong; then no more may be taken.
    pub fn take(&mut self, mut bytes: &[u8]) -> Result<(), SnapshotFileError> {
        while let Some(block) = self.blocks.next_block(&mut bytes)? {
            self.load(&block)?;
        }
        Ok(())
    }

    /// The snapshot, after the file's last byte.
    ///
    /// # Errors
    /// [`SnapshotFileError`] unless every byte is as it was written.
    pub fn finish(self) -> Result<(SnapshotMeta, State), SnapshotFileError> {
        let Self { path, blocks, loader } = self;
        let meta = blocks.finish()?;
        let state = loader.finish().map_err(|source| no_state(path, source))?;
        Ok((meta, state))
    }

    fn load(&mut self, block: &[u8]) -> Result<(), SnapshotFileError> {
        let mut rest = block;
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
            let Some((record, after)) = after.split_at_checked(length) else {
                return Err(self.blocks.damaged("a record reaches past its block"));
            };
            self.loader.record(record).map_err(|source| no_state(self.path.clone(), source))?;
            rest = after;
        }
        if rest.is_empty() {
            Ok(())
        } else {
            Err(self.blocks.damaged("a block ends inside a record"))
        }
    }
}

fn no_state(path: PathBuf, source: SnapshotError) -> SnapshotFileError {
    SnapshotFileError::Records { path, source }
}
