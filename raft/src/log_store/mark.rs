//! The high-water mark: what of the journal is known to be durable, kept outside of it.
//!
//! A journal that reads well but ends before its mark has lost something it once acknowledged. Two slots of 4 KiB are
//! written in turn, so that a torn write leaves the older one. A mark is only ever written for a record that is
//! already durable: a power cut alone can therefore never make a journal look too short.

use crate::log_store::record::{Ballot, Link, Position};
use crate::log_store::standing::Standing;
use regent_core::codec::{self, CodecError};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// One slot: what disks write whole, or nearly.
pub const SLOT_BYTES: usize = 4096;
const SLOTS: u64 = 2;
const LENGTH_BYTES: usize = 4;

/// Identity of a data directory, made once at random. Identity file, mark and peers all name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoreId(pub u128);

/// A durable point of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The store it belongs to.
    pub store: StoreId,
    /// Counts the marks; its parity names the slot.
    pub generation: u64,
    /// The last durable record; 0 before the first.
    pub sequence: u64,
    /// The chain up to that record.
    pub link: Link,
    /// The last log position at that record.
    pub last: Option<Position>,
    /// The vote at that record.
    pub vote: Option<Ballot>,
}

/// Why no mark could be read.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// The file is not there.
    #[error("it is missing")]
    Missing,
    /// The file has another length than it was made with.
    #[error("it has {0} bytes instead of {length}", length = SLOT_BYTES * 2)]
    Length(u64),
    /// Neither slot reads.
    #[error("neither of its slots reads ({0}; {1})")]
    Damaged(CodecError, CodecError),
    /// It cannot be read from the disk.
    #[error("it cannot be read")]
    Io(#[from] io::Error),
}

/// Where the two slots live.
pub trait MarkMedium: Send {
    /// All bytes of both slots.
    ///
    /// # Errors
    /// The medium is missing, of a wrong length, or broken.
    fn read(&mut self) -> Result<Vec<u8>, MarkError>;

    /// Writes one slot at `offset`. Not durable yet.
    ///
    /// # Errors
    /// The disk refused or broke.
    fn write(&mut self, offset: usize, slot: &[u8]) -> io::Result<()>;

    /// Makes the writes durable.
    ///
    /// # Errors
    /// The disk refused or broke.
    fn sync(&mut self) -> io::Result<()>;
}

/// Writes marks and remembers the last one that is durable.
pub struct MarkKeeper {
    medium: Box<dyn MarkMedium>,
    current: Mark,
}

impl MarkKeeper {
    /// Writes the first mark of a new store.
    ///
    /// # Errors
    /// The disk refused or broke.
    pub fn create(mut medium: Box<dyn MarkMedium>, store: StoreId) -> io::Result<Self> {
        let first =
            Mark { store, generation: 0, sequence: 0, link: Link::GENESIS, last: None, vote: None };
        for generation in 0..SLOTS {
            write(&mut *medium, &Mark { generation, ..first })?;
        }
        medium.sync()?;
        Ok(Self { medium, current: Mark { generation: SLOTS - 1, ..first } })
    }

    /// Reads the newest mark.
    ///
    /// # Errors
    /// Neither slot holds one.
    pub fn open(mut medium: Box<dyn MarkMedium>) -> Result<Self, MarkError> {
        let bytes = medium.read()?;
        let (first, second) = bytes.split_at(SLOT_BYTES.min(bytes.len()));
        let current = match (decode(first), decode(second)) {
            (Ok(a), Ok(b)) => {
                if a.generation > b.generation {
                    a
                } else {
                    b
                }
            }
            (Ok(mark), Err(_)) | (Err(_), Ok(mark)) => mark,
            (Err(a), Err(b)) => return Err(MarkError::Damaged(a, b)),
        };
        Ok(Self { medium, current })
    }

    /// The last durable mark.
    #[must_use]
    pub const fn current(&self) -> Mark {
        self.current
    }

    /// Makes a new mark durable. The record it names must already be.
    ///
    /// # Errors
    /// The disk refused or broke; the mark is not to be used again.
    pub fn advance(&mut self, sequence: u64, link: Link, standing: &Standing) -> io::Result<()> {
        assert!(sequence >= self.current.sequence, "a mark never goes back");
        let next = Mark {
            store: self.current.store,
            generation: self.current.generation + 1,
            sequence,
            link,
            last: standing.last(),
            vote: standing.vote,
        };
        write(&mut *self.medium, &next)?;
        self.medium.sync()?;
        self.current = next;
        Ok(())
    }
}

/// The bytes of a slot.
#[must_use]
pub fn encode(mark: &Mark) -> Vec<u8> {
    let sealed = codec::seal(mark);
    let length = u32::try_from(sealed.len()).expect("a mark is far below a slot");
    let mut slot = length.to_le_bytes().to_vec();
    slot.extend_from_slice(&sealed);
    assert!(slot.len() <= SLOT_BYTES, "a mark is far below a slot");
    slot.resize(SLOT_BYTES, 0);
    slot
}

/// The mark in the bytes of a slot.
///
/// # Errors
/// The slot was torn, damaged, or never written.
pub fn decode(slot: &[u8]) -> Result<Mark, CodecError> {
    let (length, rest) =
        slot.split_at_checked(LENGTH_BYTES).ok_or(CodecError::Short(slot.len()))?;
    let length = length.try_into().map(u32::from_le_bytes).unwrap_or(u32::MAX);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    codec::open(rest.get(..length).ok_or(CodecError::Short(rest.len()))?)
}

fn write(medium: &mut dyn MarkMedium, mark: &Mark) -> io::Result<()> {
    let slot = usize::from(mark.generation % SLOTS == 1);
    medium.write(slot * SLOT_BYTES, &encode(mark))
}

/// The mark in a file of exactly two slots.
pub struct MarkFile {
    file: File,
}

impl MarkFile {
    /// Makes the file, with room for both slots. Its folder is to be synced by the caller.
    ///
    /// # Errors
    /// The file exists, or the disk refused.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        file.write_all_at(&[0; SLOT_BYTES * 2], 0)?;
        file.sync_all()?;
        Ok(Self { file })
    }

    /// Opens an existing file.
    ///
    /// # Errors
    /// It is missing, or the disk refused.
    pub fn open(path: &Path) -> Result<Self, MarkError> {
        match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => Ok(Self { file }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(MarkError::Missing),
            Err(error) => Err(MarkError::Io(error)),
        }
    }
}

impl MarkMedium for MarkFile {
    fn read(&mut self) -> Result<Vec<u8>, MarkError> {
        let length = self.file.metadata()?.len();
        if length != (SLOT_BYTES * 2) as u64 {
            return Err(MarkError::Length(length));
        }
        let mut bytes = vec![0; SLOT_BYTES * 2];
        self.file.read_exact_at(&mut bytes, 0)?;
        Ok(bytes)
    }

    fn write(&mut self, offset: usize, slot: &[u8]) -> io::Result<()> {
        self.file.write_all_at(slot, offset as u64)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}

impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{MarkError, MarkFile, MarkKeeper, SLOT_BYTES, StoreId};
    use crate::log_store::memory::{MemoryDisk, PowerCut};
    use crate::log_store::record::Link;
    use crate::log_store::standing::Standing;

    fn keeper(disk: &MemoryDisk) -> MarkKeeper {
        MarkKeeper::create(Box::new(disk.clone()), StoreId(5)).unwrap()
    }

    fn sequence_on(disk: MemoryDisk) -> u64 {
        MarkKeeper::open(Box::new(disk)).unwrap().current().sequence
    }

    #[test]
    fn newest_mark_is_read_back() {
        let disk = MemoryDisk::default();
        let mut keeper = keeper(&disk);
        for sequence in 1..=5 {
            keeper.advance(sequence, Link::GENESIS, &Standing::default()).unwrap();
            assert_eq!(sequence_on(disk.clone()), sequence);
        }
    }

    #[test]
    fn torn_write_leaves_the_mark_before() {
        let disk = MemoryDisk::default();
        let mut keeper = keeper(&disk);
        keeper.advance(7, Link::GENESIS, &Standing::default()).unwrap();
        let next = super::Mark { generation: 3, sequence: 8, ..keeper.current() };
        super::write(&mut disk.clone(), &next).unwrap();
        for bytes in 0..=9 {
            let cut = PowerCut { slot_torn_bytes: Some(bytes), ..PowerCut::CLEAN };
            assert_eq!(sequence_on(disk.after_power_cut(cut)), 7, "{bytes} bytes written");
        }
        assert_eq!(sequence_on(disk), 8);
    }

    #[test]
    fn file_of_another_length_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mark");
        let medium = Box::new(MarkFile::create(&path).unwrap());
        MarkKeeper::create(medium, StoreId(1)).unwrap();
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(SLOT_BYTES as u64).unwrap();
        let opened = MarkKeeper::open(Box::new(MarkFile::open(&path).unwrap()));
        assert!(matches!(opened.err(), Some(MarkError::Length(4096))));
    }

    #[test]
    fn missing_file_is_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let missing = MarkFile::open(&dir.path().join("mark"));
        assert!(matches!(missing.err(), Some(MarkError::Missing)));
    }
}
