//! Snapshots as plain files: written, read back, read. A file under its final name was written whole and read back.
//!
//! What stands in them is `snapshot_blocks`'s matter, and what that means `snapshot_decoder`'s.

use crate::durable;
use crate::state_machine::snapshot_blocks::{BlockReader, BlockWriter};
use crate::state_machine::snapshot_decoder::SnapshotDecoder;
use crate::state_machine::snapshot_error::SnapshotFileError;
use crate::type_config::SnapshotMeta;
use regent_core::snapshot;
use regent_core::state::State;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Bytes of a file that are read at once.
const PIECE_BYTES: usize = 256 << 10;

/// A snapshot in its file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SnapshotFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// CRC-32 of the whole file: identifies a transfer.
    pub crc: u32,
    /// The state in it, if it was decoded while it was received: whoever installs it need not read it again.
    pub state: Option<State>,
}

/// Writes `state` to `path`: temporary file, sync, read back, rename, directory sync.
///
/// # Errors
/// [`SnapshotFileError`]; then nothing is left of it, under `path` or anywhere else.
pub fn write(
    path: &Path,
    meta: &SnapshotMeta,
    state: &State,
) -> Result<SnapshotFile, SnapshotFileError> {
    let temporary = path.with_extension(durable::TEMPORARY);
    write_by_way_of(&temporary, path, meta, state).inspect_err(|_| {
        // On a full disk every byte of it is needed by the log.
        if let Err(error) = std::fs::remove_file(&temporary)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, path = %temporary.display(), "a part of a snapshot is left over");
        }
    })
}

fn write_by_way_of(
    temporary: &Path,
    path: &Path,
    meta: &SnapshotMeta,
    state: &State,
) -> Result<SnapshotFile, SnapshotFileError> {
    let io_error = |source| SnapshotFileError::Io { path: path.to_owned(), source };
    write_blocks(temporary, meta, state).map_err(io_error)?;
    check_written(temporary, meta)?;
    let file = describe(temporary)?;
    durable::rename(temporary, path).map_err(io_error)?;
    Ok(SnapshotFile { path: path.to_owned(), ..file })
}

/// Reads a file back that was written as the snapshot of `meta`: every block is there as it was written. Does not build
/// the state in it, of which this node has one.
fn check_written(path: &Path, meta: &SnapshotMeta) -> Result<(), SnapshotFileError> {
    let mut blocks = BlockReader::new(path, Some(meta));
    for_each_piece(open(path)?, path, |mut piece| {
        while blocks.next_block(&mut piece)?.is_some() {}
        Ok(())
    })?;
    blocks.finish().map(drop)
}

/// Reads a snapshot file whole.
///
/// # Errors
/// [`SnapshotFileError`] unless every byte is as it was written.
pub fn read(path: &Path) -> Result<(SnapshotMeta, State), SnapshotFileError> {
    load(open(path)?, path)
}

fn load(file: impl Read, path: &Path) -> Result<(SnapshotMeta, State), SnapshotFileError> {
    let mut decoder = SnapshotDecoder::new(path, None);
    for_each_piece(file, path, |piece| decoder.take(piece))?;
    decoder.finish()
}

/// Length and CRC of a file as it is.
///
/// # Errors
/// [`SnapshotFileError::Io`] when it cannot be read.
pub fn describe(path: &Path) -> Result<SnapshotFile, SnapshotFileError> {
    let mut hash = crc32fast::Hasher::new();
    let mut bytes = 0_u64;
    for_each_piece(open(path)?, path, |piece| {
        hash.update(piece);
        bytes += piece.len() as u64;
        Ok(())
    })?;
    Ok(SnapshotFile { path: path.to_owned(), bytes, crc: hash.finalize(), state: None })
}

fn open(path: &Path) -> Result<File, SnapshotFileError> {
    File::open(path).map_err(|source| SnapshotFileError::Io { path: path.to_owned(), source })
}

fn for_each_piece(
    mut file: impl Read,
    path: &Path,
    mut take: impl FnMut(&[u8]) -> Result<(), SnapshotFileError>,
) -> Result<(), SnapshotFileError> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => take(&piece[..read])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(SnapshotFileError::Io { path: path.to_owned(), source }),
        }
    }
}

fn write_blocks(path: &Path, meta: &SnapshotMeta, state: &State) -> io::Result<()> {
    let mut writer = BlockWriter::create(path, meta)?;
    snapshot::write(state, &mut |record| writer.record(record))?;
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::{check_written, load, write};
    use crate::state_machine::snapshot_blocks::BlockWriter;
    use crate::state_machine::snapshot_error::SnapshotFileError;
    use crate::type_config::{LogId, SnapshotMeta};
    use regent_core::state::State;
    use std::io::{self, Read};
    use std::path::Path;

    /// A disk that fails behind the first bytes of a file.
    struct FailingDisk<'a>(&'a [u8]);

    impl Read for FailingDisk<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(rustix::io::Errno::IO.into()),
                read => Ok(read),
            }
        }
    }

    fn snapshot() -> Vec<u8> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("1.snapshot");
        write(&path, &SnapshotMeta::default(), &State::default()).unwrap();
        std::fs::read(path).unwrap()
    }

    fn loaded(file: impl Read) -> Result<(), SnapshotFileError> {
        load(file, Path::new("1.snapshot")).map(drop)
    }

    #[test]
    fn what_was_written_is_read_back_without_making_a_state_of_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("1.snapshot");
        let mut blocks = BlockWriter::create(&path, &SnapshotMeta::default()).unwrap();
        blocks.record(b"of no state").unwrap();
        blocks.finish().unwrap();
        check_written(&path, &SnapshotMeta::default()).unwrap();
        let of_another = SnapshotMeta {
            last_log_id: Some(LogId::new_term_index(1, 7)),
            ..SnapshotMeta::default()
        };
        assert!(check_written(&path, &of_another).is_err());
        let whole = std::fs::read(&path).unwrap();
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            std::fs::write(&path, damaged).unwrap();
            let checked = check_written(&path, &SnapshotMeta::default());
            assert!(checked.is_err(), "byte {place} is another one");
        }
    }

    #[test]
    fn file_that_ends_too_early_is_damaged_wherever_it_ends() {
        let whole = snapshot();
        loaded(whole.as_slice()).unwrap();
        for length in 0..whole.len() {
            let cut = loaded(&whole[..length]);
            assert!(matches!(cut, Err(SnapshotFileError::Damaged { .. })), "{length}: {cut:?}");
        }
    }

    #[test]
    fn disk_that_fails_says_nothing_of_the_file_wherever_it_fails() {
        let whole = snapshot();
        for length in 0..=whole.len() {
            let failed = loaded(FailingDisk(&whole[..length]));
            assert!(matches!(failed, Err(SnapshotFileError::Io { .. })), "{length}: {failed:?}");
        }
    }
}
