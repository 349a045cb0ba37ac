//! The file of a snapshot that arrives: it grows, survives an interruption, and counts for nothing until its length and
//! checksum are those that were offered. Blocking; callers give it a thread.
//!
//! What is done with its content is done with what was read back from it, so that the file is what was checked.

use crate::durable;
use crate::log_store::reserve::disk_free;
use crate::network::limits::{SNAPSHOT_CHUNK_BYTES_MAX, SNAPSHOT_SYNC_BYTES};
use crate::network::refusal::Refusal;
use crate::state_machine::snapshot_file::SnapshotFile;
use crate::state_machine::snapshot_store::RECEIVED;
use crate::type_config::LogId;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

const PREFIX: &str = "incoming-";

/// Which snapshot. No two share all of it. As text it names the files and stands in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SnapshotId {
    pub(crate) last: LogId,
    pub(crate) crc: u32,
    pub(crate) bytes: u64,
}

/// The growing file.
#[derive(Debug)]
pub(crate) struct Partial {
    id: SnapshotId,
    path: PathBuf,
    file: File,
    held: u64,
    read_back: u64,
    unsynced: u64,
    /// Of what was read back.
    crc: crc32fast::Hasher,
}

impl SnapshotId {
    fn path(&self, directory: &Path, state: &str) -> PathBuf {
        directory.join(format!("{PREFIX}{self}.{state}"))
    }

    /// How much of it lies in `directory` from an earlier attempt.
    pub(crate) fn held_in(&self, directory: &Path) -> u64 {
        fs::metadata(self.path(directory, "partial")).map_or(0, |data| data.len().min(self.bytes))
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { last, crc, bytes } = self;
        let (term, index) = (last.leader_id.term, last.index);
        write!(f, "{term}-{index}-{crc:08x}-{bytes}")
    }
}

impl Partial {
    /// Continues at `offset`, or begins, and deletes what is left of every other transfer.
    pub(crate) fn resume(directory: &Path, id: SnapshotId, offset: u64) -> Result<Self, Refusal> {
        let path = id.path(directory, "partial");
        clear(directory, &path).map_err(|error| failed(&error))?;
        if offset > id.held_in(directory) {
            return Err(Refusal::Malformed("snapshot continues beyond what is held"));
        }
        let partial = Self::open(path, id, offset).map_err(|error| failed(&error))?;
        Ok(partial)
    }

    fn open(path: PathBuf, id: SnapshotId, offset: u64) -> io::Result<Self> {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        file.set_len(offset)?;
        file.seek(SeekFrom::Start(offset))?;
        let crc = crc32fast::Hasher::new();
        Ok(Self { id, path, file, held: offset, read_back: 0, unsynced: 0, crc })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the piece that begins at `offset`.
    pub(crate) fn write(&mut self, offset: u64, piece: &[u8]) -> Result<(), Refusal> {
        if offset != self.held {
            return Err(Refusal::Malformed("snapshot pieces do not follow each other"));
        }
        if piece.len() > SNAPSHOT_CHUNK_BYTES_MAX {
            return Err(Refusal::Malformed("snapshot piece is too large"));
        }
        let length = piece.len() as u64;
        if length > self.id.bytes - self.held {
            return Err(Refusal::Malformed("snapshot is longer than offered"));
        }
        self.append(piece).map_err(|error| self.give_up(&error))?;
        self.held += length;
        Ok(())
    }

    /// The next piece of what is held that was not read back yet; none if all of it was.
    pub(crate) fn read_back(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        let left = usize::try_from(self.held - self.read_back).unwrap_or(usize::MAX);
        if left == 0 {
            return Ok(None);
        }
        let mut piece = vec![0; left.min(SNAPSHOT_CHUNK_BYTES_MAX)];
        self.file.read_exact_at(&mut piece, self.read_back).map_err(|error| failed(&error))?;
        self.read_back += piece.len() as u64;
        self.crc.update(&piece);
        Ok(Some(piece))
    }

    fn append(&mut self, piece: &[u8]) -> io::Result<()> {
        self.file.write_all(piece)?;
        self.unsynced += piece.len() as u64;
        if self.unsynced >= SNAPSHOT_SYNC_BYTES {
            self.file.sync_data()?;
            self.unsynced = 0;
        }
        Ok(())
    }

    /// Whether all of it is here.
    pub(crate) fn is_complete(&self) -> bool {
        self.held == self.id.bytes
    }

    /// Makes the complete file durable under its final name.
    pub(crate) fn finish(self, directory: &Path) -> Result<SnapshotFile, Refusal> {
        if self.read_back != self.id.bytes || self.crc.clone().finalize() != self.id.crc {
            return Err(self.damaged());
        }
        let path = self.id.path(directory, RECEIVED);
        self.settle(&path).map_err(|error| self.give_up(&error))?;
        Ok(SnapshotFile { path, bytes: self.id.bytes, crc: self.id.crc, state: None })
    }

    /// The next attempt starts from nothing: what is wrong may have been there for long.
    pub(crate) fn damaged(&self) -> Refusal {
        fs::remove_file(&self.path).ok();
        Refusal::Damaged
    }

    fn settle(&self, path: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        durable::rename(&self.path, path)
    }

    /// A full disk needs its room back more than the next attempt needs what is held.
    fn give_up(&self, error: &io::Error) -> Refusal {
        let refusal = failed(error);
        if refusal == Refusal::DiskFull {
            fs::remove_file(&self.path).ok();
        }
        refusal
    }
}

/// Whether `directory` has room for `bytes` more and its reserve.
pub(crate) fn has_room(directory: &Path, bytes: u64, reserve: u64) -> Result<(), Refusal> {
    let free_bytes = disk_free(directory).map_err(|error| failed(&error))?.free_bytes;
    if free_bytes < bytes.saturating_add(reserve) { Err(Refusal::DiskFull) } else { Ok(()) }
}

/// Deletes what transfers left in `directory`, except `keep`.
fn clear(directory: &Path, keep: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if is_ours && entry.path() != keep {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn failed(error: &io::Error) -> Refusal {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Refusal::DiskFull
        }
        _ => {
            tracing::error!(%error, "could not keep an arriving snapshot");
            Refusal::DiskFailed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Partial, SnapshotId, has_room};
    use crate::network::refusal::Refusal;
    use crate::state_machine::snapshot_file::SnapshotFile;
    use crate::type_config::LogId;
    use std::fs;
    use std::path::Path;

    const CONTENT: &[u8] = b"every machine of the site";

    fn id() -> SnapshotId {
        SnapshotId {
            last: LogId::new_term_index(3, 70),
            crc: crc32fast::hash(CONTENT),
            bytes: CONTENT.len() as u64,
        }
    }

    fn finished(mut partial: Partial, directory: &Path) -> Result<SnapshotFile, Refusal> {
        while partial.read_back()?.is_some() {}
        partial.finish(directory)
    }

    #[test]
    fn interrupted_transfer_continues_where_it_ended() {
        let directory = tempfile::tempdir().unwrap();
        let mut first = Partial::resume(directory.path(), id(), 0).unwrap();
        first.write(0, &CONTENT[..9]).unwrap();
        drop(first);
        assert_eq!(id().held_in(directory.path()), 9);
        let mut second = Partial::resume(directory.path(), id(), 9).unwrap();
        second.write(9, &CONTENT[9..]).unwrap();
        let received = finished(second, directory.path()).unwrap();
        assert_eq!(fs::read(received.path).unwrap(), CONTENT);
    }

    #[test]
    fn sender_may_step_back_but_not_leap_ahead() {
        let directory = tempfile::tempdir().unwrap();
        let mut first = Partial::resume(directory.path(), id(), 0).unwrap();
        first.write(0, &CONTENT[..9]).unwrap();
        assert!(first.write(8, &CONTENT[8..]).is_err());
        drop(first);
        assert!(Partial::resume(directory.path(), id(), 10).is_err());
        let mut second = Partial::resume(directory.path(), id(), 4).unwrap();
        second.write(4, &CONTENT[4..]).unwrap();
        assert!(finished(second, directory.path()).is_ok());
    }

    #[test]
    fn damaged_snapshot_is_deleted_not_installed() {
        let directory = tempfile::tempdir().unwrap();
        let mut partial = Partial::resume(directory.path(), id(), 0).unwrap();
        partial.write(0, &[0; 25]).unwrap();
        assert_eq!(finished(partial, directory.path()).unwrap_err(), Refusal::Damaged);
        assert_eq!(id().held_in(directory.path()), 0);
    }

    #[test]
    fn piece_that_changed_on_the_disk_is_damage() {
        let directory = tempfile::tempdir().unwrap();
        let mut partial = Partial::resume(directory.path(), id(), 0).unwrap();
        partial.write(0, CONTENT).unwrap();
        fs::write(partial.path(), [0; 25]).unwrap();
        assert_eq!(finished(partial, directory.path()).unwrap_err(), Refusal::Damaged);
    }

    #[test]
    fn length_is_held_to_the_offer() {
        let directory = tempfile::tempdir().unwrap();
        let mut partial = Partial::resume(directory.path(), id(), 0).unwrap();
        assert!(partial.write(0, &[0; 26]).is_err());
        partial.write(0, &CONTENT[..5]).unwrap();
        assert!(!partial.is_complete());
        assert!(finished(partial, directory.path()).is_err());
    }

    #[test]
    fn new_transfer_deletes_what_others_left_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let neighbour = directory.path().join("snap-70");
        fs::write(&neighbour, "kept").unwrap();
        drop(Partial::resume(directory.path(), id(), 0).unwrap());
        let newer = SnapshotId { last: LogId::new_term_index(3, 90), ..id() };
        drop(Partial::resume(directory.path(), newer, 0).unwrap());
        assert!(neighbour.exists());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    }

    #[test]
    fn snapshot_larger_than_the_disk_is_refused_before_it_starts() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(has_room(directory.path(), 1, 0), Ok(()));
        assert_eq!(has_room(directory.path(), u64::MAX, 1), Err(Refusal::DiskFull));
    }
}
