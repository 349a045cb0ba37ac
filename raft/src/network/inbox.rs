//! Receives snapshots, one at a time: the latest leader's transfer replaces an earlier one that may only be waiting
//! for a connection that is gone.

use crate::network::arrival::{Arrival, Door, Reading};
use crate::network::frame;
use crate::network::partial::{SnapshotId, has_room};
use crate::network::plausible;
use crate::network::refusal::Refusal;
use crate::runtime::tasks::{self, Gone};
use crate::state_machine::snapshot_file::SnapshotFile;
use crate::type_config::{SnapshotMeta, Vote};
use regent_proto::peer;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

/// How long a transfer waits for its predecessor to let go.
const TURN_MAX: Duration = Duration::from_secs(5);

/// Where snapshots arrive.
#[derive(Clone, Debug)]
pub struct Inbox {
    directory: PathBuf,
    reserve_bytes: u64,
    reading: Reading,
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
    door: Door,
    superseded: CancellationToken,
}

/// An offer, decoded and found plausible.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) header: peer::Header,
    pub(crate) vote: Vote,
    pub(crate) meta: SnapshotMeta,
    pub(crate) id: SnapshotId,
}

impl Offer {
    pub(crate) fn open(offer: Option<peer::SnapshotOffer>) -> Result<Self, Refusal> {
        let offer = offer.ok_or(Refusal::Malformed("no offer"))?;
        let header = offer.header.ok_or(Refusal::Malformed("no header"))?;
        let vote: Vote = frame::open(&offer.vote)?;
        let meta: SnapshotMeta = frame::open(&offer.meta)?;
        plausible::snapshot(&vote, &meta, header.from_node)?;
        let last = meta.last_log_id.ok_or(Refusal::Malformed("snapshot of nothing"))?;
        let id = SnapshotId { last, crc: offer.crc, bytes: offer.length_bytes };
        Ok(Self { header, vote, meta, id })
    }
}

impl Inbox {
    /// Receives into `directory`, which exists and is on the disk snapshots stay on, and leaves `reserve_bytes`
    /// of that disk free. What cannot be read by `reading` is refused as damaged.
    #[must_use]
    pub fn new(directory: PathBuf, reserve_bytes: u64, reading: Reading) -> Self {
        Self { directory, reserve_bytes, reading, door: Arc::default(), running: Arc::default() }
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
            Ok(Turn { door: Arc::new(door), superseded })
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

    /// Takes the chunks, `first` before the others, until the snapshot is complete, read and durable.
    pub(crate) async fn receive(
        &self,
        turn: &Turn,
        offer: &Offer,
        first: peer::SnapshotChunk,
        chunks: Chunks,
    ) -> Result<SnapshotFile, Status> {
        tokio::select! {
            biased;
            received = self.take_all(turn, offer, first, chunks) => received,
            () = turn.superseded.cancelled() => Err(Refusal::Busy.into()),
        }
    }

    async fn take_all(
        &self,
        turn: &Turn,
        offer: &Offer,
        first: peer::SnapshotChunk,
        mut chunks: Chunks,
    ) -> Result<SnapshotFile, Status> {
        let mut arrival = self.begin(turn, offer, first.offset_bytes).await?;
        let mut next = Some(first);
        while let Some(chunk) = next {
            arrival = blocking(move || {
                arrival.take(chunk.offset_bytes, &chunk.data)?;
                Ok(arrival)
            })
            .await?;
            next = chunks.next().await?;
        }
        let (directory, superseded) = (self.directory.clone(), turn.superseded.clone());
        Ok(blocking(move || arrival.finish(&directory, || superseded.is_cancelled())).await?)
    }

    async fn begin(&self, turn: &Turn, offer: &Offer, begin: u64) -> Result<Arrival, Refusal> {
        let (directory, reserve, reading) =
            (self.directory.clone(), self.reserve_bytes, self.reading);
        let (id, meta, door) = (offer.id, offer.meta.clone(), Arc::clone(&turn.door));
        let arrival = blocking(move || {
            has_room(&directory, id.bytes.saturating_sub(begin), reserve)?;
            Arrival::resume(&directory, (id, &meta), begin, (reading, door))
        })
        .await?;
        match begin {
            0 => tracing::info!(snapshot = %id, from_bytes = 0, "began to receive a snapshot"),
            _ => tracing::info!(snapshot = %id, from_bytes = begin, "resumed a snapshot"),
        }
        Ok(arrival)
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

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    tasks::blocking(work).await.map_err(|Gone| Refusal::NotRunning)?
}

#[cfg(test)]
mod tests {
    use super::Inbox;
    use crate::network::arrival::decoding;
    use crate::network::refusal::Refusal;
    use crate::type_config::Vote;
    use futures::FutureExt as _;
    use std::pin::pin;
    use std::sync::Arc;

    #[tokio::test]
    async fn next_transfer_of_the_same_leader_replaces_the_first() {
        let inbox = Inbox::new(std::env::temp_dir(), 0, decoding);
        let first = inbox.enter(Vote::new_committed(3, 1)).await.unwrap();
        let (second, ()) = tokio::join!(inbox.enter(Vote::new_committed(3, 1)), async {
            first.superseded.cancelled().await;
            drop(first);
        });
        assert!(second.is_ok());
    }

    #[tokio::test]
    async fn next_transfer_waits_until_nobody_works_on_the_first_any_more() {
        let inbox = Inbox::new(std::env::temp_dir(), 0, decoding);
        let first = inbox.enter(Vote::new_committed(3, 1)).await.unwrap();
        let at_work = Arc::clone(&first.door);
        drop(first);
        let mut second = pin!(inbox.enter(Vote::new_committed(3, 1)));
        assert!(second.as_mut().now_or_never().is_none());
        drop(at_work);
        assert!(second.await.is_ok());
    }

    #[tokio::test]
    async fn transfer_of_a_former_leader_does_not_disturb() {
        let inbox = Inbox::new(std::env::temp_dir(), 0, decoding);
        let turn = inbox.enter(Vote::new_committed(4, 2)).await.unwrap();
        let late = inbox.enter(Vote::new_committed(3, 1)).await;
        assert_eq!(late.unwrap_err(), Refusal::Busy);
        assert!(!turn.superseded.is_cancelled());
        drop(turn);
        assert!(inbox.enter(Vote::new_committed(3, 1)).await.is_ok());
    }
}
