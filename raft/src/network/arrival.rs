//! One snapshot while it arrives: each piece goes into its file and is read at once, so that damage ends the transfer when
//! it comes, and the state is there when the last piece is. Blocking; callers give it a thread.
//!
//! A part that lay there from an earlier attempt is read beside the pieces that follow it, a bounded number of bytes with
//! each, so that the sender is never kept waiting for all of it.

use crate::error::chain;
use crate::network::partial::{Partial, SnapshotId};
use crate::network::refusal::Refusal;
use crate::runtime::reaper::drop_aside;
use crate::state_machine::snapshot_decoder::SnapshotDecoder;
use crate::state_machine::snapshot_error::SnapshotFileError;
use crate::state_machine::snapshot_file::SnapshotFile;
use crate::type_config::SnapshotMeta;
use regent_core::state::State;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;

/// Bytes read with each piece that comes: its own, and of those before it what is left to read.
const READ_BYTES_MAX: usize = 4 << 20;

/// What reads the bytes of a snapshot in their order, in pieces of any length.
pub trait Reader: Send {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`SnapshotFileError`] as soon as something in them is wrong; then there is nothing more to take.
    fn take(&mut self, bytes: &[u8]) -> Result<(), SnapshotFileError>;

    /// The state, if it is this reader's matter, after the last byte.
    ///
    /// # Errors
    /// [`SnapshotFileError`] if it was not a whole snapshot.
    fn finish(self: Box<Self>) -> Result<Option<State>, SnapshotFileError>;
}

/// Begins to read the snapshot of this metadata, whose bytes are in the file of this name.
pub type Reading = fn(&Path, &SnapshotMeta) -> Box<dyn Reader>;

/// Reads for the state in it.
#[must_use]
pub fn decoding(path: &Path, meta: &SnapshotMeta) -> Box<dyn Reader> {
    Box::new(SnapshotDecoder::new(path, Some(meta)))
}

impl Reader for SnapshotDecoder {
    fn take(&mut self, bytes: &[u8]) -> Result<(), SnapshotFileError> {
        self.take(bytes)
    }

    fn finish(self: Box<Self>) -> Result<Option<State>, SnapshotFileError> {
        (*self).finish().map(|(_, state)| Some(state))
    }
}

/// Shut for others until everybody has let go who works on a transfer: there is never more than one half-read state.
pub(crate) type Door = Arc<OwnedMutexGuard<()>>;

/// The transfer under way.
pub(crate) struct Arrival {
    partial: Partial,
    half_read: HalfRead,
}

/// A state that is being read. A large one takes long to drop: not on a thread that others wait for.
struct HalfRead(Option<(Box<dyn Reader>, Door)>);

impl Arrival {
    /// Continues at `offset`, or begins, and deletes what is left of every other transfer.
    pub(crate) fn resume(
        directory: &Path,
        (id, meta): (SnapshotId, &SnapshotMeta),
        offset: u64,
        (reading, door): (Reading, Door),
    ) -> Result<Self, Refusal> {
        let partial = Partial::resume(directory, id, offset)?;
        let reader = reading(partial.path(), meta);
        Ok(Self { partial, half_read: HalfRead(Some((reader, door))) })
    }

    /// Takes the piece that begins at `offset`, and reads on.
    pub(crate) fn take(&mut self, offset: u64, piece: &[u8]) -> Result<(), Refusal> {
        self.partial.write(offset, piece)?;
        let mut read = 0;
        while read < READ_BYTES_MAX {
            match self.read_on()? {
                0 => break,
                bytes => read += bytes,
            }
        }
        Ok(())
    }

    /// Reads what is left, and makes the file durable under its final name. Stops early if it is `given_up`.
    pub(crate) fn finish(
        mut self,
        directory: &Path,
        given_up: impl Fn() -> bool,
    ) -> Result<SnapshotFile, Refusal> {
        if !self.partial.is_complete() {
            return Err(Refusal::Malformed("snapshot is shorter than offered"));
        }
        while self.read_on()? > 0 {
            if given_up() {
                return Err(Refusal::Busy);
            }
        }
        let (reader, _door) = self.half_read.0.take().expect("it is taken at the end only");
        let state = reader.finish().map_err(|error| refused(&self.partial, &error))?;
        Ok(SnapshotFile { state, ..self.partial.finish(directory)? })
    }

    /// How many bytes it could read.
    fn read_on(&mut self) -> Result<usize, Refusal> {
        let Some(piece) = self.partial.read_back()? else { return Ok(0) };
        let (reader, _) = self.half_read.0.as_mut().expect("it is taken at the end only");
        reader.take(&piece).map_err(|error| refused(&self.partial, &error))?;
        Ok(piece.len())
    }
}

impl Drop for HalfRead {
    fn drop(&mut self) {
        if let Some(half_read) = self.0.take() {
            drop_aside(half_read);
        }
    }
}

/// What does not read would stop this node if Raft were asked to install it: it was only a peer's word.
fn refused(partial: &Partial, error: &SnapshotFileError) -> Refusal {
    tracing::error!(error = chain(error), "a received snapshot is refused");
    partial.damaged()
}

#[cfg(test)]
mod tests {
    use super::{Arrival, Reading, decoding};
    use crate::network::partial::SnapshotId;
    use crate::network::refusal::Refusal;
    use crate::state_machine::snapshot_file::{self, SnapshotFile};
    use crate::type_config::{LogId, SnapshotMeta, StoredMembership};
    use regent_core::apply::apply;
    use regent_core::command::site::SiteCommand;
    use regent_core::command::{Command, Proposal, Request};
    use regent_core::state::State;
    use regent_core::state::meta::Meta;
    use regent_core::time::{ClusterTime, WallTime};
    use std::fs;
    use std::path::Path;
    use std::sync::Arc;
    use tempfile::TempDir;
    use tokio::sync::Mutex;

    /// A snapshot of two blocks: a first record that fills one, since nothing makes it smaller, and the rows.
    struct Sent {
        state: State,
        meta: SnapshotMeta,
        bytes: Vec<u8>,
    }

    impl Sent {
        fn new() -> Self {
            let mut noise = 1_u64;
            let cluster_id = (0..1 << 20).map(|_| {
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(b'@' + u8::try_from(noise >> 58).unwrap())
            });
            let empty = State::new(Meta { cluster_id: cluster_id.collect(), ..Meta::default() });
            let domain = "maas".parse().unwrap();
            let request = Request {
                principal: "admin".into(),
                origin: None,
                key: None,
                guards: Vec::new(),
                command: Command::Site(SiteCommand::Bootstrap { domain }),
            };
            let proposal = Proposal { at: ClusterTime(0), wall: WallTime(0), request };
            let state = apply(&empty, 1, &proposal).state;
            let meta = SnapshotMeta {
                last_log_id: Some(LogId::new_term_index(3, 70)),
                last_membership: StoredMembership::default(),
            };
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("70.snapshot");
            snapshot_file::write(&path, &meta, &state).unwrap();
            Self { state, meta, bytes: fs::read(path).unwrap() }
        }

        fn number(&self, at: usize) -> usize {
            let four = self.bytes[at..at + 4].try_into().unwrap();
            u32::from_le_bytes(four).try_into().unwrap()
        }

        /// Where the second block begins.
        fn second_block(&self) -> usize {
            let first = 12 + self.number(8);
            first + 12 + self.number(first)
        }

        fn id(&self) -> SnapshotId {
            let last = self.meta.last_log_id.unwrap();
            SnapshotId {
                last,
                crc: crc32fast::hash(&self.bytes),
                bytes: self.bytes.len().try_into().unwrap(),
            }
        }

        fn arrival(&self, directory: &Path, offset: usize) -> Arrival {
            let offset = offset.try_into().unwrap();
            let door = Arc::new(Mutex::new(())).try_lock_owned().unwrap();
            let reading = (decoding as Reading, Arc::new(door));
            Arrival::resume(directory, (self.id(), &self.meta), offset, reading).unwrap()
        }
    }

    fn finished(arrival: Arrival, directory: &TempDir) -> Result<SnapshotFile, Refusal> {
        arrival.finish(directory.path(), || false)
    }

    fn files(directory: &TempDir) -> usize {
        fs::read_dir(directory.path()).unwrap().count()
    }

    #[test]
    fn state_is_there_with_the_last_piece() {
        let (sent, directory) = (Sent::new(), tempfile::tempdir().unwrap());
        let mut arrival = sent.arrival(directory.path(), 0);
        let (first, second) = sent.bytes.split_at(sent.second_block() - 1);
        arrival.take(0, first).unwrap();
        arrival.take(first.len() as u64, second).unwrap();
        let received = finished(arrival, &directory).unwrap();
        assert_eq!(received.state.as_ref(), Some(&sent.state));
        assert_eq!(fs::read(&received.path).unwrap(), sent.bytes);
    }

    #[test]
    fn damaged_block_is_refused_when_it_comes_and_the_part_before_it_goes() {
        let (mut sent, directory) = (Sent::new(), tempfile::tempdir().unwrap());
        let second = sent.second_block();
        let end = sent.bytes.len() - 12;
        sent.bytes[end - 1] ^= 1;
        // The sender, too, takes the damage for the snapshot, as one whose disk has failed does.
        let mut arrival = sent.arrival(directory.path(), 0);
        arrival.take(0, &sent.bytes[..second]).unwrap();
        let refused = arrival.take(second as u64, &sent.bytes[second..end]);
        assert_eq!(refused, Err(Refusal::Damaged));
        assert_eq!(files(&directory), 0, "the next attempt starts from nothing");
    }

    #[test]
    fn resumed_transfer_reads_the_part_it_has_before_what_follows() {
        let (sent, directory) = (Sent::new(), tempfile::tempdir().unwrap());
        let second = sent.second_block();
        sent.arrival(directory.path(), 0).take(0, &sent.bytes[..second]).unwrap();
        let mut resumed = sent.arrival(directory.path(), second);
        resumed.take(second as u64, &sent.bytes[second..]).unwrap();
        let received = finished(resumed, &directory).unwrap();
        assert_eq!(received.state.as_ref(), Some(&sent.state));
    }

    #[test]
    fn damage_in_the_part_that_is_held_is_found_with_the_first_piece_that_follows() {
        let (sent, directory) = (Sent::new(), tempfile::tempdir().unwrap());
        let second = sent.second_block();
        sent.arrival(directory.path(), 0).take(0, &sent.bytes[..second]).unwrap();
        let path = sent.arrival(directory.path(), second).partial.path().to_owned();
        let mut held = fs::read(&path).unwrap();
        held[second - 1] ^= 1;
        fs::write(&path, held).unwrap();
        let mut resumed = sent.arrival(directory.path(), second);
        assert_eq!(resumed.take(second as u64, &[]), Err(Refusal::Damaged));
        assert_eq!(files(&directory), 0);
    }

    #[test]
    fn another_snapshot_than_was_announced_is_refused_with_its_head() {
        let (mut sent, directory) = (Sent::new(), tempfile::tempdir().unwrap());
        sent.meta.last_log_id = Some(LogId::new_term_index(3, 71));
        let mut arrival = sent.arrival(directory.path(), 0);
        assert_eq!(arrival.take(0, &sent.bytes[..100]), Err(Refusal::Damaged));
    }

    #[test]
    fn part_of_a_snapshot_is_none_and_is_kept() {
        let (sent, directory) = (Sent::new(), tempfile::tempdir().unwrap());
        let mut arrival = sent.arrival(directory.path(), 0);
        arrival.take(0, &sent.bytes[..sent.second_block()]).unwrap();
        let short = Refusal::Malformed("snapshot is shorter than offered");
        assert_eq!(finished(arrival, &directory), Err(short));
        assert_eq!(files(&directory), 1, "it can be resumed");
    }

    #[test]
    fn whole_file_that_is_no_snapshot_is_refused_and_goes() {
        let (mut sent, directory) = (Sent::new(), tempfile::tempdir().unwrap());
        sent.bytes = b"the checksum of this is right".to_vec();
        let mut arrival = sent.arrival(directory.path(), 0);
        assert_eq!(arrival.take(0, &sent.bytes), Err(Refusal::Damaged));
        assert_eq!(files(&directory), 0);
    }

    #[test]
    fn blocks_that_are_in_order_but_no_state_are_refused() {
        let (mut sent, directory) = (Sent::new(), tempfile::tempdir().unwrap());
        let second = sent.second_block();
        let mut bytes = sent.bytes[..second].to_vec();
        let crc = sent.number(12 + sent.number(8) + 8);
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&1_u32.to_le_bytes());
        let crcs = crc32fast::hash(&u32::try_from(crc).unwrap().to_le_bytes());
        bytes.extend_from_slice(&crcs.to_le_bytes());
        sent.bytes = bytes;
        let mut arrival = sent.arrival(directory.path(), 0);
        arrival.take(0, &sent.bytes).unwrap();
        assert_eq!(finished(arrival, &directory), Err(Refusal::Damaged), "it has no rows");
        assert_eq!(files(&directory), 0);
    }

    #[test]
    fn transfer_nobody_waits_for_ends_without_a_snapshot() {
        let (sent, directory) = (Sent::new(), tempfile::tempdir().unwrap());
        sent.arrival(directory.path(), 0).take(0, &sent.bytes).unwrap();
        let resumed = sent.arrival(directory.path(), sent.bytes.len());
        assert_eq!(resumed.finish(directory.path(), || true), Err(Refusal::Busy));
        assert_eq!(files(&directory), 1, "what is held stays");
    }
}
