//! Snapshots as plain files: blocks of records, each compressed and with its own CRC (DESIGN D8).
//!
//! ```text
//! magic │ sealed SnapshotMeta │ block … │ end
//! block = stored length u32 │ raw length u32 │ CRC-32 of the stored bytes u32 │ zstd
//! end   = 0 u32 │ number of blocks u32 │ CRC-32 over all block CRCs u32
//! ```
//! All numbers little endian; inside a block each record is preceded by its length. A file under its final name was
//! written whole and read back. Nothing here knows what a record means: `regent_core::snapshot` does.

use crate::durable;
use crate::type_config::SnapshotMeta;
use regent_core::codec::{self, CodecError};
use regent_core::snapshot::{self, Loader, SnapshotError};
use regent_core::state::State;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"RGSNAP\x00\x01";
/// Raw bytes after which a block is closed.
const BLOCK_BYTES: usize = 1 << 20;
/// No block may claim more: a single record fits, damage does not make us allocate without end.
const BLOCK_BYTES_MAX: usize = codec::DECODE_BYTES_MAX + BLOCK_BYTES;
/// Bytes between two syncs, so that write-back does not pile up in front of the log's syncs.
const SYNC_BYTES: usize = 8 << 20;
const ZSTD_LEVEL: i32 = 1;

/// A snapshot in its file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SnapshotFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// CRC-32 of the whole file: identifies a transfer.
    pub crc: u32,
    /// The state in it, if it was just received and read: whoever installs it need not read it again.
    pub state: Option<State>,
}

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
    let file = describe(temporary).map_err(io_error)?;
    durable::rename(temporary, path).map_err(io_error)?;
    Ok(SnapshotFile { path: path.to_owned(), ..file })
}

/// Reads a file back that was written as the snapshot of `meta`: every block is there as it was written. Does not build
/// the state in it, of which this node has one.
fn check_written(path: &Path, meta: &SnapshotMeta) -> Result<(), SnapshotFileError> {
    let mut blocks = BlockReader::open(path)?;
    if blocks.meta != *meta {
        return Err(blocks.damaged("it is another snapshot than was written"));
    }
    while blocks.next_block()?.is_some() {}
    Ok(())
}

/// Reads a snapshot file whole.
///
/// # Errors
/// [`SnapshotFileError`] unless every byte is as it was written.
pub fn read(path: &Path) -> Result<(SnapshotMeta, State), SnapshotFileError> {
    load(BlockReader::open(path)?)
}

fn load<R: Read>(mut blocks: BlockReader<R>) -> Result<(SnapshotMeta, State), SnapshotFileError> {
    let mut loader = Loader::default();
    let path = blocks.path.clone();
    let records_error = |source| SnapshotFileError::Records { path: path.clone(), source };
    while let Some(block) = blocks.next_block()? {
        let mut rest = block.as_slice();
        while let Some((length, after)) = rest.split_first_chunk::<4>() {
            let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
            let Some((record, after)) = after.split_at_checked(length) else {
                return Err(blocks.damaged("a record reaches past its block"));
            };
            loader.record(record).map_err(records_error)?;
            rest = after;
        }
        if !rest.is_empty() {
            return Err(blocks.damaged("a block ends inside a record"));
        }
    }
    let state = loader.finish().map_err(records_error)?;
    Ok((blocks.meta, state))
}

/// Reads a file that was received as a snapshot of `meta`, and keeps the state with it.
///
/// # Errors
/// [`SnapshotFileError`] unless it is that snapshot, whole.
pub fn open_received(
    file: SnapshotFile,
    meta: &SnapshotMeta,
) -> Result<SnapshotFile, SnapshotFileError> {
    let (held, state) = read(&file.path)?;
    if held != *meta {
        return Err(SnapshotFileError::Damaged {
            path: file.path,
            offset: MAGIC.len() as u64,
            what: "it is another snapshot than was announced".into(),
        });
    }
    Ok(SnapshotFile { state: Some(state), ..file })
}

/// Length and CRC of a file as it is.
///
/// # Errors
/// When it cannot be read.
pub fn describe(path: &Path) -> io::Result<SnapshotFile> {
    let mut file = File::open(path)?;
    let mut hash = crc32fast::Hasher::new();
    let mut buffer = vec![0; 256 << 10];
    let mut bytes = 0_u64;
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => {
                hash.update(&buffer[..read]);
                bytes += read as u64;
            }
        }
    }
    Ok(SnapshotFile { path: path.to_owned(), bytes, crc: hash.finalize(), state: None })
}

fn write_blocks(path: &Path, meta: &SnapshotMeta, state: &State) -> io::Result<()> {
    let mut writer = BlockWriter::create(path, meta)?;
    snapshot::write(state, &mut |record| writer.record(record))?;
    writer.finish()
}

struct BlockWriter {
    file: BufWriter<File>,
    raw: Vec<u8>,
    blocks: u32,
    crcs: crc32fast::Hasher,
    unsynced_bytes: usize,
}

impl BlockWriter {
    fn create(path: &Path, meta: &SnapshotMeta) -> io::Result<Self> {
        let mut file = BufWriter::new(File::create(path)?);
        let head = codec::seal(meta);
        file.write_all(MAGIC)?;
        file.write_all(&length_of(&head)?.to_le_bytes())?;
        file.write_all(&head)?;
        let crcs = crc32fast::Hasher::new();
        Ok(Self { file, raw: Vec::with_capacity(BLOCK_BYTES), blocks: 0, crcs, unsynced_bytes: 0 })
    }

    fn record(&mut self, record: &[u8]) -> io::Result<()> {
        self.raw.extend_from_slice(&length_of(record)?.to_le_bytes());
        self.raw.extend_from_slice(record);
        if self.raw.len() >= BLOCK_BYTES { self.close_block() } else { Ok(()) }
    }

    fn close_block(&mut self) -> io::Result<()> {
        if self.raw.is_empty() {
            return Ok(());
        }
        let stored = zstd::bulk::compress(&self.raw, ZSTD_LEVEL)?;
        let crc = crc32fast::hash(&stored);
        self.file.write_all(&length_of(&stored)?.to_le_bytes())?;
        self.file.write_all(&length_of(&self.raw)?.to_le_bytes())?;
        self.file.write_all(&crc.to_le_bytes())?;
        self.file.write_all(&stored)?;
        self.crcs.update(&crc.to_le_bytes());
        self.blocks += 1;
        self.raw.clear();
        self.unsynced_bytes += stored.len();
        if self.unsynced_bytes >= SYNC_BYTES {
            self.file.flush()?;
            self.file.get_ref().sync_data()?;
            self.unsynced_bytes = 0;
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        self.close_block()?;
        self.file.write_all(&0_u32.to_le_bytes())?;
        self.file.write_all(&self.blocks.to_le_bytes())?;
        self.file.write_all(&self.crcs.finalize().to_le_bytes())?;
        self.file.flush()?;
        self.file.get_ref().sync_all()
    }
}

fn length_of(bytes: &[u8]) -> io::Result<u32> {
    u32::try_from(bytes.len()).map_err(|_| io::Error::other("a record exceeds 4 GiB"))
}

struct BlockReader<R> {
    path: PathBuf,
    file: R,
    meta: SnapshotMeta,
    offset: u64,
    blocks: u32,
    crcs: crc32fast::Hasher,
}

impl BlockReader<BufReader<File>> {
    fn open(path: &Path) -> Result<Self, SnapshotFileError> {
        let io_error = |source| SnapshotFileError::Io { path: path.to_owned(), source };
        Self::begin(path, BufReader::new(File::open(path).map_err(io_error)?))
    }
}

impl<R: Read> BlockReader<R> {
    fn begin(path: &Path, file: R) -> Result<Self, SnapshotFileError> {
        let mut reader = Self {
            path: path.to_owned(),
            file,
            meta: SnapshotMeta::default(),
            offset: 0,
            blocks: 0,
            crcs: crc32fast::Hasher::new(),
        };
        if &reader.array::<8>()? != MAGIC {
            return Err(reader.damaged("it is no snapshot of this version"));
        }
        let length = reader.number()?;
        let head = reader.bytes(length)?;
        reader.meta = codec::open(&head)
            .map_err(|source| SnapshotFileError::Head { path: path.to_owned(), source })?;
        Ok(reader)
    }

    /// The next block's raw bytes; `None` after the end was found and checked.
    fn next_block(&mut self) -> Result<Option<Vec<u8>>, SnapshotFileError> {
        let stored_length = self.number()?;
        if stored_length == 0 {
            return self.check_end().map(|()| None);
        }
        let raw_length = self.number()? as usize;
        let crc = self.number()?;
        let stored = self.bytes(stored_length)?;
        if crc32fast::hash(&stored) != crc || raw_length > BLOCK_BYTES_MAX {
            return Err(self.damaged("a block does not match its checksum"));
        }
        self.crcs.update(&crc.to_le_bytes());
        self.blocks += 1;
        let raw = zstd::bulk::decompress(&stored, raw_length)
            .map_err(|error| self.damaged(&format!("a block does not unpack: {error}")))?;
        if raw.len() == raw_length {
            Ok(Some(raw))
        } else {
            Err(self.damaged("a block has another length than it says"))
        }
    }

    fn check_end(&mut self) -> Result<(), SnapshotFileError> {
        let blocks = self.number()?;
        let crcs = self.number()?;
        let computed = std::mem::take(&mut self.crcs).finalize();
        let mut beyond = Vec::new();
        let read = self.file.by_ref().take(1).read_to_end(&mut beyond);
        let at_end = read.map_err(|error| self.unreadable(error))? == 0;
        if blocks == self.blocks && crcs == computed && at_end {
            Ok(())
        } else {
            Err(self.damaged("the end does not fit the blocks before it"))
        }
    }

    fn number(&mut self) -> Result<u32, SnapshotFileError> {
        self.array().map(u32::from_le_bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], SnapshotFileError> {
        let mut array = [0; N];
        self.fill(&mut array)?;
        Ok(array)
    }

    fn bytes(&mut self, length: u32) -> Result<Vec<u8>, SnapshotFileError> {
        let length = length as usize;
        if length > BLOCK_BYTES_MAX {
            return Err(self.damaged("a block claims an impossible length"));
        }
        let mut bytes = vec![0; length];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), SnapshotFileError> {
        self.file.read_exact(bytes).map_err(|error| self.unreadable(error))?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    /// That the file ends too early is the file's fault; any other failure is the disk's, and says nothing of the file.
    fn unreadable(&self, source: io::Error) -> SnapshotFileError {
        if source.kind() == io::ErrorKind::UnexpectedEof {
            return self.damaged("it is cut short");
        }
        SnapshotFileError::Io { path: self.path.clone(), source }
    }

    fn damaged(&self, what: &str) -> SnapshotFileError {
        let (path, offset) = (self.path.clone(), self.offset);
        SnapshotFileError::Damaged { path, offset, what: what.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::{BlockReader, BlockWriter, SnapshotFileError, check_written, load, write};
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
        BlockReader::begin(Path::new("1.snapshot"), file).and_then(load).map(drop)
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
