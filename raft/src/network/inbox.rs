//! Receives snapshots, one at a time: the latest leader's transfer replaces an earlier one that may only be waiting
//! for a connection that is gone.

use crate::error::chain;
use crate::network::frame;
use crate::network::partial::{Partial, SnapshotId, has_room};
use crate::network::plausible;
use crate::network::refusal::Refusal;
use crate::state_machine::snapshot_file::{SnapshotFile, SnapshotFileError};
use crate::type_config::{TypeConfig, Vote};
use openraft::alias::SnapshotMetaOf;
use regent_proto::peer;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;
use tokio::{task, time};
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

/// How long a transfer waits for its predecessor to let go.
const TURN_MAX: Duration = Duration::from_secs(5);

/// Reads a received file as the snapshot of the metadata it was offered with.
pub type Opener =
    fn(SnapshotFile, &SnapshotMetaOf<TypeConfig>) -> Result<SnapshotFile, SnapshotFileError>;

/// Where snapshots arrive.
#[derive(Clone, Debug)]
pub struct Inbox {
    directory: PathBuf,
    reserve_bytes: u64,
    opener: Opener,
    door: Arc<tokio::sync::Mutex<()>>,
    running: Arc<Mutex<Option<Running>>>,
}

#[derive(Debug)]
struct Running {
    vote: Vote,
    superseded: CancellationToken,
}

/// The right to receive, until dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _door: OwnedMutexGuard<()>,
    superseded: CancellationToken,
}

/// An offer, decoded and found plausible.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) header: peer::Header,
    pub(crate) vote: Vote,
    pub(crate) meta: SnapshotMetaOf<TypeConfig>,
    pub(crate) id: SnapshotId,
}

impl Offer {
    pub(crate) fn open(offer: Option<peer::SnapshotOffer>) -> Result<Self, Refusal> {
        let offer = offer.ok_or(Refusal::Malformed("no offer"))?;
        let header = offer.header.ok_or(Refusal::Malformed("no header"))?;
        let vote: Vote = frame::open(&offer.vote)?;
        let meta: SnapshotMetaOf<TypeConfig> = frame::open(&offer.meta)?;
        plausible::snapshot(&vote, &meta, header.from_node)?;
        let last = meta.last_log_id.ok_or(Refusal::Malformed("snapshot of nothing"))?;
        let id = SnapshotId { last, crc: offer.crc, bytes: offer.length_bytes };
        Ok(Self { header, vote, meta, id })
    }
}

impl Inbox {
    /// Receives into `directory`, which exists and is on the disk snapshots stay on, and leaves `reserve_bytes`
    /// of that disk free. What `opener` does not take is refused as damaged.
    #[must_use]
    pub fn new(directory: PathBuf, reserve_bytes: u64, opener: Opener) -> Self {
        Self { directory, reserve_bytes, opener, door: Arc::default(), running: Arc::default() }
    }

    /// How much of the offered snapshot is held, if there is room for the rest.
    pub(crate) async fn held(&self, offer: &Offer) -> Result<u64, Refusal> {
        let (directory, reserve, id) = (self.directory.clone(), self.reserve_bytes, offer.id);
        blocking(move || {
            let held = id.held_in(&directory);
            has_room(&directory, id.bytes - held, reserve)?;
            Ok(held)
        })
        .await
    }

    /// Waits for the turn to receive from the leader with this vote.
    pub(crate) async fn enter(&self, vote: Vote) -> Result<Turn, Refusal> {
        let superseded = self.supersede(vote)?;
        let door = Arc::clone(&self.door).lock_owned();
        let door = time::timeout(TURN_MAX, door).await.map_err(|_elapsed| Refusal::Busy)?;
        if superseded.is_cancelled() {
            Err(Refusal::Busy)
        } else {
            Ok(Turn { _door: door, superseded })
        }
    }

    fn supersede(&self, vote: Vote) -> Result<CancellationToken, Refusal> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(earlier) = running.as_ref() {
            if earlier.vote > vote && !earlier.superseded.is_cancelled() {
                return Err(Refusal::Busy);
            }
            earlier.superseded.cancel();
        }
        let superseded = CancellationToken::new();
        *running = Some(Running { vote, superseded: superseded.clone() });
        Ok(superseded)
    }

    /// Takes the chunks, `first` before the others, until the snapshot is complete, verified and durable.
    pub(crate) async fn receive(
        &self,
        turn: &Turn,
        offer: &Offer,
        first: peer::SnapshotChunk,
        chunks: Chunks,
    ) -> Result<SnapshotFile, Status> {
        tokio::select! {
            received = self.take_all(offer, first, chunks) => received,
            () = turn.superseded.cancelled() => Err(Refusal::Busy.into()),
        }
    }

    async fn take_all(
        &self,
        offer: &Offer,
        first: peer::SnapshotChunk,
        mut chunks: Chunks,
    ) -> Result<SnapshotFile, Status> {
        let id = offer.id;
        let (directory, reserve) = (self.directory.clone(), self.reserve_bytes);
        let begin = first.offset_bytes;
        let mut partial = blocking(move || {
            has_room(&directory, id.bytes.saturating_sub(begin), reserve)?;
            Partial::resume(&directory, id, begin)
        })
        .await?;
        match begin {
            0 => tracing::info!(snapshot = %id, from_bytes = 0, "began to receive a snapshot"),
            _ => tracing::info!(snapshot = %id, from_bytes = begin, "resumed a snapshot"),
        }
        let mut next = Some(first);
        while let Some(chunk) = next {
            partial = blocking(move || {
                partial.write(chunk.offset_bytes, &chunk.data)?;
                Ok(partial)
            })
            .await?;
            next = chunks.next().await?;
        }
        let (directory, opener, meta) = (self.directory.clone(), self.opener, offer.meta.clone());
        Ok(blocking(move || open(partial.finish(&directory)?, &meta, opener)).await?)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Marks the transfer as over, so that its vote stands in nobody's way.
        self.superseded.cancel();
    }
}

/// The chunks of a transfer, each awaited for a limited time.
pub(crate) struct Chunks {
    pub(crate) stream: Streaming<peer::SnapshotChunk>,
    pub(crate) idle_max: Duration,
}

impl Chunks {
    /// The next chunk; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<peer::SnapshotChunk>, Status> {
        time::timeout(self.idle_max, self.stream.message())
            .await
            .map_err(|_elapsed| Status::deadline_exceeded("no further chunk in time"))?
    }
}

/// What does not open would stop this node if Raft were asked to install it: it was only a peer's word.
fn open(
    file: SnapshotFile,
    meta: &SnapshotMetaOf<TypeConfig>,
    opener: Opener,
) -> Result<SnapshotFile, Refusal> {
    let path = file.path.clone();
    opener(file, meta).map_err(|error| {
        tracing::error!(error = chain(&error), "a received snapshot is refused");
        std::fs::remove_file(path).ok();
        Refusal::Damaged
    })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    // Fails only if the work panicked or the runtime is going down.
    task::spawn_blocking(work).await.map_err(|_gone| Refusal::NotRunning)?
}

#[cfg(test)]
mod tests {
    use super::{Inbox, open};
    use crate::network::refusal::Refusal;
    use crate::state_machine::snapshot_file::{describe, open_received};
    use crate::type_config::{TypeConfig, Vote};
    use openraft::alias::SnapshotMetaOf;

    #[test]
    fn whole_file_that_is_no_snapshot_is_refused_and_goes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("incoming-1.received");
        std::fs::write(&path, b"the checksum of this is right").unwrap();
        let file = describe(&path).unwrap();
        assert_eq!(
            open(file, &SnapshotMetaOf::<TypeConfig>::default(), open_received),
            Err(Refusal::Damaged)
        );
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn next_transfer_of_the_same_leader_replaces_the_first() {
        let inbox = Inbox::new(std::env::temp_dir(), 0, open_received);
        let first = inbox.enter(Vote::new_committed(3, 1)).await.unwrap();
        let (second, ()) = tokio::join!(inbox.enter(Vote::new_committed(3, 1)), async {
            first.superseded.cancelled().await;
            drop(first);
        });
        assert!(second.is_ok());
    }

    #[tokio::test]
    async fn transfer_of_a_former_leader_does_not_disturb() {
        let inbox = Inbox::new(std::env::temp_dir(), 0, open_received);
        let turn = inbox.enter(Vote::new_committed(4, 2)).await.unwrap();
        let late = inbox.enter(Vote::new_committed(3, 1)).await;
        assert_eq!(late.unwrap_err(), Refusal::Busy);
        assert!(!turn.superseded.is_cancelled());
        drop(turn);
        assert!(inbox.enter(Vote::new_committed(3, 1)).await.is_ok());
    }
}
