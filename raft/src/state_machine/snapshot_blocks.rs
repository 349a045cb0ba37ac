//! The format of a snapshot file: blocks of records, each compressed and with its own CRC (DESIGN D8).
//!
//! ```text
//! magic │ sealed SnapshotMeta │ block … │ end
//! block = stored length u32 │ raw length u32 │ CRC-32 of the stored bytes u32 │ zstd
//! end   = 0 u32 │ number of blocks u32 │ CRC-32 over all block CRCs u32
//! ```
//! All numbers little endian; inside a block each record is preceded by its length. Where the bytes come from, and
//! what a record means, is not known here.

use crate::state_machine::snapshot_error::SnapshotFileError;
use crate::type_config::SnapshotMeta;
use regent_core::codec;
use regent_core::planted::{self, Planted};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::mem;
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"RGSNAP\x00\x01";
/// The magic and the length of what follows it.
const START_BYTES: usize = 12;
/// The three numbers before a block, or at the end.
const NUMBERS_BYTES: usize = 12;
/// Raw bytes after which a block is closed.
const BLOCK_BYTES: usize = 1 << 20;
/// No block may claim more: a single record fits, damage does not make us allocate without end.
const BLOCK_BYTES_MAX: usize = codec::DECODE_BYTES_MAX + BLOCK_BYTES;
/// Bytes between two syncs, so that write-back does not pile up in front of the log's syncs.
const SYNC_BYTES: usize = 8 << 20;
const ZSTD_LEVEL: i32 = 1;

/// Writes such a file.
pub(crate) struct BlockWriter {
    file: BufWriter<File>,
    raw: Vec<u8>,
    blocks: u32,
    crcs: crc32fast::Hasher,
    unsynced_bytes: usize,
}

impl BlockWriter {
    /// Begins with the head.
    pub(crate) fn create(path: &Path, meta: &SnapshotMeta) -> io::Result<Self> {
        let mut file = BufWriter::new(File::create(path)?);
        let head = codec::seal(meta);
        file.write_all(MAGIC)?;
        file.write_all(&length_of(&head)?.to_le_bytes())?;
        file.write_all(&head)?;
        let crcs = crc32fast::Hasher::new();
        Ok(Self { file, raw: Vec::with_capacity(BLOCK_BYTES), blocks: 0, crcs, unsynced_bytes: 0 })
    }

    /// Puts a record behind those before it.
    pub(crate) fn record(&mut self, record: &[u8]) -> io::Result<()> {
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

    /// Ends the file and syncs it.
    pub(crate) fn finish(mut self) -> io::Result<()> {
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

/// Reads such a file from its bytes, which come in pieces of any length: a block is checked as soon as it is whole.
pub(crate) struct BlockReader {
    path: PathBuf,
    expected: Option<SnapshotMeta>,
    meta: SnapshotMeta,
    part: Part,
    /// What has come of that part.
    held: Vec<u8>,
    /// Bytes taken.
    offset: u64,
    blocks: u32,
    crcs: crc32fast::Hasher,
}

/// What is being read. With the length it has.
#[derive(Clone, Copy)]
enum Part {
    Start,
    Head(usize),
    Numbers,
    Block { stored_length: usize, raw_length: usize, crc: u32 },
    Nothing,
}

impl Part {
    fn length(self) -> usize {
        match self {
            Self::Start => START_BYTES,
            Self::Head(length) => length,
            Self::Numbers => NUMBERS_BYTES,
            Self::Block { stored_length, .. } => stored_length,
            Self::Nothing => 0,
        }
    }
}

impl BlockReader {
    /// Reads what is in the file `path`; it must be the snapshot `expected`, if one is. The path is for errors only.
    pub(crate) fn new(path: &Path, expected: Option<&SnapshotMeta>) -> Self {
        Self {
            path: path.to_owned(),
            expected: expected.cloned(),
            meta: SnapshotMeta::default(),
            part: Part::Start,
            held: Vec::new(),
            offset: 0,
            blocks: 0,
            crcs: crc32fast::Hasher::new(),
        }
    }

    /// Takes from `bytes` up to the end of the next block and gives the raw bytes of that; `None` when none is left.
    pub(crate) fn next_block(
        &mut self,
        bytes: &mut &[u8],
    ) -> Result<Option<Vec<u8>>, SnapshotFileError> {
        while !bytes.is_empty() {
            if matches!(self.part, Part::Nothing) {
                return Err(self.damaged("the end does not fit the blocks before it"));
            }
            let missing = self.part.length() - self.held.len();
            let (taken, rest) = bytes.split_at(missing.min(bytes.len()));
            *bytes = rest;
            self.held.extend_from_slice(taken);
            self.offset += taken.len() as u64;
            if taken.len() == missing
                && let Some(block) = self.end_part()?
            {
                return Ok(Some(block));
            }
        }
        Ok(None)
    }

    /// What the file is the snapshot of, once its last byte was taken.
    pub(crate) fn finish(self) -> Result<SnapshotMeta, SnapshotFileError> {
        match self.part {
            Part::Nothing => Ok(self.meta),
            Part::Start | Part::Head(_) | Part::Numbers | Part::Block { .. } => {
                Err(self.damaged("it is cut short"))
            }
        }
    }

    fn end_part(&mut self) -> Result<Option<Vec<u8>>, SnapshotFileError> {
        let held = mem::take(&mut self.held);
        match self.part {
            Part::Start => self.begin(&held)?,
            Part::Head(_) => self.take_head(&held)?,
            Part::Numbers => self.take_numbers(&held)?,
            Part::Block { raw_length, crc, .. } => {
                self.part = Part::Numbers;
                return self.unpack(&held, raw_length, crc).map(Some);
            }
            Part::Nothing => {}
        }
        Ok(None)
    }

    fn begin(&mut self, start: &[u8]) -> Result<(), SnapshotFileError> {
        match start.split_first_chunk::<8>() {
            Some((magic, length)) if magic == MAGIC => {
                let [length] = numbers(length);
                self.part = Part::Head(self.plausible(length)?);
                Ok(())
            }
            _ => Err(self.damaged("it is no snapshot of this version")),
        }
    }

    fn take_head(&mut self, head: &[u8]) -> Result<(), SnapshotFileError> {
        let wrong = |source| SnapshotFileError::Head { path: self.path.clone(), source };
        self.meta = codec::open(head).map_err(wrong)?;
        if self.expected.as_ref().is_some_and(|expected| *expected != self.meta) {
            return Err(self.damaged("it is another snapshot than it should be"));
        }
        self.part = Part::Numbers;
        Ok(())
    }

    fn take_numbers(&mut self, bytes: &[u8]) -> Result<(), SnapshotFileError> {
        let [stored_length, second, third] = numbers(bytes);
        self.part = if stored_length == 0 {
            let crcs = mem::take(&mut self.crcs).finalize();
            if (second, third) != (self.blocks, crcs) {
                return Err(self.damaged("the end does not fit the blocks before it"));
            }
            Part::Nothing
        } else {
            Part::Block {
                stored_length: self.plausible(stored_length)?,
                raw_length: self.plausible(second)?,
                crc: third,
            }
        };
        Ok(())
    }

    fn unpack(
        &mut self,
        stored: &[u8],
        raw_length: usize,
        crc: u32,
    ) -> Result<Vec<u8>, SnapshotFileError> {
        if crc32fast::hash(stored) != crc && !planted::is(Planted::SnapshotWithoutChecksum) {
            return Err(self.damaged("a block does not match its checksum"));
        }
        self.crcs.update(&crc.to_le_bytes());
        self.blocks += 1;
        let raw = zstd::bulk::decompress(stored, raw_length)
            .map_err(|error| self.damaged(&format!("a block does not unpack: {error}")))?;
        if raw.len() == raw_length {
            Ok(raw)
        } else {
            Err(self.damaged("a block has another length than it says"))
        }
    }

    fn plausible(&self, length: u32) -> Result<usize, SnapshotFileError> {
        let length = length as usize;
        if length > BLOCK_BYTES_MAX {
            return Err(self.damaged("a block claims an impossible length"));
        }
        Ok(length)
    }

    /// That the file, as far as it was taken, is not as it was written.
    pub(crate) fn damaged(&self, what: &str) -> SnapshotFileError {
        let (path, offset) = (self.path.clone(), self.offset);
        SnapshotFileError::Damaged { path, offset, what: what.to_owned() }
    }
}

fn numbers<const N: usize>(bytes: &[u8]) -> [u32; N] {
    let (fours, _) = bytes.as_chunks::<4>();
    std::array::from_fn(|place| u32::from_le_bytes(fours[place]))
}
