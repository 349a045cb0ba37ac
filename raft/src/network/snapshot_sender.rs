//! Sends a snapshot to one peer, from where an earlier, interrupted transfer of the same file ended.

use crate::network::channels::{Attempt, Client};
use crate::network::contact::Contacts;
use crate::network::failure::Call;
use crate::network::frame;
use crate::network::limits::{PeerTimeouts, SNAPSHOT_CHUNK_BYTES_MAX};
use crate::network::refusal::Refusal;
use crate::runtime::tasks;
use crate::state_machine::snapshot_file::SnapshotFile;
use crate::type_config::TypeConfig;
use bytes::Bytes;
use openraft::errors::{RPCError, Unreachable};
use openraft::raft::SnapshotResponse;
use regent_proto::peer;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Response, Status};

/// Chunks read ahead of the connection.
const CHUNKS_AHEAD_MAX: usize = 2;

/// How a call ended, if it did in time.
type Outcome<T> = Result<Result<Response<T>, Status>, time::error::Elapsed>;

type RpcResult<T> = Result<T, RPCError<TypeConfig>>;

/// One transfer.
pub(crate) struct SnapshotSender {
    pub(crate) client: Client,
    pub(crate) attempt: Attempt,
    pub(crate) call: Call,
    pub(crate) contacts: Contacts,
    pub(crate) timeouts: PeerTimeouts,
}

/// How the chunks ended.
enum Fed {
    All,
    Stalled,
    /// The call has ended before them; its status says why.
    Unwanted,
}

impl SnapshotSender {
    pub(crate) async fn send(
        &mut self,
        offer: peer::SnapshotOffer,
        snapshot: &SnapshotFile,
    ) -> RpcResult<SnapshotResponse<TypeConfig>> {
        let path = snapshot.path.clone();
        let file = blocking(move || File::open(path)).await.map_err(|error| unreadable(&error))?;
        let held = self.offer(offer.clone()).await?;
        tracing::info!(to = self.call.to, held, bytes = snapshot.bytes, "began to send a snapshot");
        let response = self.transfer(offer, Arc::new(file), held, snapshot.bytes).await?;
        tracing::info!(to = self.call.to, "sent a snapshot");
        Ok(response)
    }

    /// How much of it the peer holds already.
    async fn offer(&mut self, offer: peer::SnapshotOffer) -> RpcResult<u64> {
        let length = offer.length_bytes;
        let request = peer::SnapshotOfferRequest { offer: Some(offer) };
        let reply = time::timeout(self.call.patience, self.client.snapshot_offer(request)).await;
        let held = self.take(reply)?.held_bytes;
        if held > length {
            return Err(self.call.nonsense("claims to hold more than there is"));
        }
        Ok(held)
    }

    async fn transfer(
        &mut self,
        offer: peer::SnapshotOffer,
        file: Arc<File>,
        held: u64,
        length: u64,
    ) -> RpcResult<SnapshotResponse<TypeConfig>> {
        self.attempt.await_more();
        let reply = self.exchange(offer, file, held..length).await?;
        let reply = self.take(reply)?;
        frame::open(&reply.response)
            .map_err(|_| self.call.nonsense("an answer that does not decode"))
    }

    async fn exchange(
        &self,
        offer: peer::SnapshotOffer,
        file: Arc<File>,
        part: Range<u64>,
    ) -> RpcResult<Outcome<peer::SnapshotReply>> {
        let (chunks, outbound) = mpsc::channel(CHUNKS_AHEAD_MAX);
        let mut client = self.client.clone();
        let reply = client.snapshot(ReceiverStream::new(outbound));
        let feed = self.feed(chunks, offer, file, part);
        tokio::pin!(reply, feed);
        tokio::select! {
            biased;
            reply = &mut reply => Ok(Ok(reply)),
            fed = &mut feed => match fed? {
                Fed::All | Fed::Unwanted => {
                    Ok(time::timeout(self.timeouts.snapshot_install, reply).await)
                }
                Fed::Stalled => Err(self.call.timed_out()),
            },
        }
    }

    /// Hands the file's chunks to the connection as fast as it takes them.
    async fn feed(
        &self,
        chunks: mpsc::Sender<peer::SnapshotChunk>,
        offer: peer::SnapshotOffer,
        file: Arc<File>,
        part: Range<u64>,
    ) -> RpcResult<Fed> {
        let mut offer = Some(offer);
        let mut offset_bytes = part.start;
        // The first chunk goes even if nothing is left to send: it carries the offer.
        while offer.is_some() || offset_bytes < part.end {
            let data = read_chunk(&file, offset_bytes, part.end)
                .await
                .map_err(|error| unreadable(&error))?;
            let next = offset_bytes + data.len() as u64;
            let chunk = peer::SnapshotChunk { offer: offer.take(), offset_bytes, data };
            match time::timeout(self.timeouts.snapshot_idle, chunks.send(chunk)).await {
                Ok(Ok(())) => offset_bytes = next,
                Ok(Err(_closed)) => return Ok(Fed::Unwanted),
                Err(_elapsed) => return Ok(Fed::Stalled),
            }
        }
        Ok(Fed::All)
    }

    fn take<T>(&mut self, outcome: Outcome<T>) -> RpcResult<T> {
        match outcome {
            Ok(Ok(reply)) => {
                self.attempt.answered();
                self.contacts.note_heard(self.call.to);
                Ok(reply.into_inner())
            }
            Ok(Err(status)) => {
                if let Some(refusal) = Refusal::in_status(&status) {
                    self.attempt.answered();
                    self.contacts.note_refusal(self.call.to, &refusal);
                }
                Err(self.call.failed(&status))
            }
            Err(_elapsed) => Err(self.call.timed_out()),
        }
    }
}

async fn read_chunk(file: &Arc<File>, offset: u64, end: u64) -> io::Result<Bytes> {
    let file = Arc::clone(file);
    let length = usize::try_from(end - offset)
        .map_or(SNAPSHOT_CHUNK_BYTES_MAX, |left| left.min(SNAPSHOT_CHUNK_BYTES_MAX));
    blocking(move || {
        let mut data = vec![0; length];
        file.read_exact_at(&mut data, offset)?;
        Ok(Bytes::from(data))
    })
    .await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tasks::blocking(work).await.map_err(io::Error::other)?
}

/// Our own file cannot be read. Another attempt gets the then newest snapshot, so this is not the node's end.
fn unreadable(error: &io::Error) -> RPCError<TypeConfig> {
    tracing::warn!(%error, "could not read the snapshot to send");
    RPCError::Unreachable(Unreachable::new(error))
}
