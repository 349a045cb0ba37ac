//! What a node does with its peers' requests: admit, decode, check, and hand to its Raft or its region.
//!
//! Nothing here decides anything about Raft, and nothing a peer sends may panic, hang or grow without bound here.

use crate::network::control::Control;
use crate::network::frame;
use crate::network::gate::Gate;
use crate::network::inbox::{Chunks, Inbox, Offer, Turn};
use crate::network::limits::{CONTROL_BYTES_MAX, PeerTimeouts};
use crate::network::plausible;
use crate::network::refusal::{ControlError, Refusal};
use crate::runtime::elapsed;
use crate::runtime::tasks::{blocking, spawn};
use crate::state_machine::snapshot_file::SnapshotFile;
use crate::type_config::TypeConfig;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use openraft::Raft;
use openraft::raft::{AppendEntriesRequest, SnapshotResponse, TransferLeaderRequest, VoteRequest};
use openraft::storage::{RaftStateMachine, Snapshot};
use regent_proto::peer;
use regent_proto::peer::peer_server::Peer;
use std::fmt::Display;
use std::future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::time;
use tonic::{Request, Response, Status, Streaming};

/// One node's answers to its peers.
pub struct PeerService<SM>
where
    SM: RaftStateMachine<TypeConfig, SnapshotData = SnapshotFile>,
{
    /// Who may enter, and to what.
    pub gate: Gate<SM>,
    /// The region's part.
    pub control: Arc<dyn Control>,
    /// Where snapshots arrive.
    pub inbox: Inbox,
    /// How long to wait for what.
    pub timeouts: PeerTimeouts,
}

#[tonic::async_trait]
impl<SM> Peer for PeerService<SM>
where
    SM: RaftStateMachine<TypeConfig, SnapshotData = SnapshotFile>,
{
    type AppendStream = BoxStream<'static, Result<peer::AppendReply, Status>>;

    async fn append(
        &self,
        request: Request<Streaming<peer::AppendRequest>>,
    ) -> Result<Response<Self::AppendStream>, Status> {
        let mut frames = request.into_inner();
        let first = time::timeout(self.timeouts.message, frames.message())
            .await
            .map_err(|_elapsed| Status::deadline_exceeded("no first message in time"))??;
        let mut first = first.ok_or(Refusal::Malformed("stream without a message"))?;
        let header = headed(first.header.take())?;
        let raft = self.gate.member(&header)?;
        let inbound = Inbound {
            gate: self.gate.clone(),
            header,
            // A first message may carry nothing but the header.
            first: (!first.append.is_empty()).then_some(first),
            frames,
            fault: Arc::default(),
        };
        Ok(Response::new(inbound.answered_by(&raft)))
    }

    async fn vote(
        &self,
        request: Request<peer::VoteRequest>,
    ) -> Result<Response<peer::VoteReply>, Status> {
        let (raft, vote) = self.vote_asked(request.into_inner())?;
        let vote = raft.vote(vote).await.map_err(stopped)?;
        Ok(Response::new(peer::VoteReply { vote: frame::seal(&vote) }))
    }

    async fn pre_vote(
        &self,
        request: Request<peer::VoteRequest>,
    ) -> Result<Response<peer::VoteReply>, Status> {
        let (raft, vote) = self.vote_asked(request.into_inner())?;
        let vote = raft.pre_vote(vote).await.map_err(stopped)?;
        Ok(Response::new(peer::VoteReply { vote: frame::seal(&vote) }))
    }

    async fn transfer_leader(
        &self,
        request: Request<peer::TransferLeaderRequest>,
    ) -> Result<Response<peer::TransferLeaderReply>, Status> {
        let request = request.into_inner();
        let header = headed(request.header)?;
        let raft = self.gate.member(&header)?;
        let transfer: TransferLeaderRequest<TypeConfig> = frame::open(&request.transfer)?;
        plausible::transfer(&transfer, header.from_node)?;
        let result = raft.handle_transfer_leader(transfer).await.map_err(stopped)?;
        Ok(Response::new(peer::TransferLeaderReply { result: frame::seal(&result) }))
    }

    async fn snapshot_offer(
        &self,
        request: Request<peer::SnapshotOfferRequest>,
    ) -> Result<Response<peer::SnapshotOfferReply>, Status> {
        let (_, offer) = self.offered(request.into_inner().offer)?;
        let held_bytes = self.inbox.held(&offer).await?;
        Ok(Response::new(peer::SnapshotOfferReply { held_bytes }))
    }

    async fn snapshot(
        &self,
        request: Request<Streaming<peer::SnapshotChunk>>,
    ) -> Result<Response<peer::SnapshotReply>, Status> {
        let idle_max = self.timeouts.snapshot_idle;
        let mut chunks = Chunks { stream: request.into_inner(), idle_max };
        let first = chunks.next().await?;
        let mut first = first.ok_or(Refusal::Malformed("stream without a message"))?;
        let (_, offer) = self.offered(first.offer.take())?;
        let turn = self.inbox.enter(offer.vote).await?;
        let file = self.inbox.receive(&turn, &offer, first, chunks).await?;
        // The node's standing may have changed while the snapshot arrived.
        let raft = self.gate.member(&offer.header)?;
        let installing = install(raft, turn, offer, file);
        // A task, because a sender that hangs up must not free the inbox while the file is in use.
        let response = spawn(installing).await.map_err(|_gone| Refusal::NotRunning)??;
        Ok(Response::new(peer::SnapshotReply { response: frame::seal(&response) }))
    }

    async fn forward(
        &self,
        request: Request<peer::ForwardRequest>,
    ) -> Result<Response<peer::ForwardReply>, Status> {
        let request = request.into_inner();
        let header = headed(request.header)?;
        self.gate.still_member(&header)?;
        let patience = self.patience(request.deadline_ms);
        let forward =
            self.control.forward(header.from_node, request.request, elapsed::now() + patience);
        let reply = in_time(patience, forward).await?;
        Ok(Response::new(peer::ForwardReply { reply }))
    }

    async fn read_index(
        &self,
        request: Request<peer::ReadIndexRequest>,
    ) -> Result<Response<peer::ReadIndexReply>, Status> {
        let request = request.into_inner();
        self.gate.still_member(&headed(request.header)?)?;
        let patience = self.patience(request.deadline_ms);
        let index = in_time(patience, self.control.read_index(elapsed::now() + patience)).await?;
        Ok(Response::new(peer::ReadIndexReply { index }))
    }

    async fn hello(
        &self,
        request: Request<peer::HelloRequest>,
    ) -> Result<Response<peer::HelloReply>, Status> {
        let request = request.into_inner();
        let header = headed(request.header)?;
        self.gate.stranger(&header)?;
        let hello = self.control.hello(header.from_node, small(request.hello)?);
        let hello = in_time(self.timeouts.control, hello).await?;
        let identity = self.gate.admission.load().identity.clone();
        Ok(Response::new(peer::HelloReply {
            cluster: identity.cluster,
            epoch: identity.epoch,
            node: identity.node,
            store: identity.store,
            hello,
        }))
    }

    async fn join(
        &self,
        request: Request<peer::JoinRequest>,
    ) -> Result<Response<peer::JoinReply>, Status> {
        let request = request.into_inner();
        self.gate.stranger(&headed(request.header)?)?;
        let join = self.control.join(small(request.request)?);
        let reply = in_time(self.timeouts.control, join).await?;
        Ok(Response::new(peer::JoinReply { reply }))
    }

    async fn change_group(
        &self,
        request: Request<peer::ChangeGroupRequest>,
    ) -> Result<Response<peer::ChangeGroupReply>, Status> {
        let request = request.into_inner();
        self.gate.still_member(&headed(request.header)?)?;
        let change = self.control.change_group(small(request.request)?);
        let reply = in_time(self.timeouts.control, change).await?;
        Ok(Response::new(peer::ChangeGroupReply { reply }))
    }

    async fn status(
        &self,
        request: Request<peer::StatusRequest>,
    ) -> Result<Response<peer::StatusReply>, Status> {
        self.gate.stranger(&headed(request.into_inner().header)?)?;
        let status = async { Ok(self.control.status().await) };
        let status = in_time(self.timeouts.control, status).await?;
        Ok(Response::new(peer::StatusReply { status }))
    }

    async fn note(
        &self,
        request: Request<peer::NoteRequest>,
    ) -> Result<Response<peer::NoteReply>, Status> {
        self.gate.still_member(&headed(request.into_inner().header)?)?;
        Ok(Response::new(peer::NoteReply { note: self.control.note() }))
    }
}

impl<SM> PeerService<SM>
where
    SM: RaftStateMachine<TypeConfig, SnapshotData = SnapshotFile>,
{
    fn vote_asked(
        &self,
        request: peer::VoteRequest,
    ) -> Result<(Raft<TypeConfig, SM>, VoteRequest<TypeConfig>), Refusal> {
        let header = headed(request.header)?;
        let raft = self.gate.member(&header)?;
        let vote: VoteRequest<TypeConfig> = frame::open(&request.vote)?;
        plausible::vote(&vote, header.from_node)?;
        self.gate.note_candidate(&header);
        Ok((raft, vote))
    }

    fn offered(
        &self,
        offer: Option<peer::SnapshotOffer>,
    ) -> Result<(Raft<TypeConfig, SM>, Offer), Refusal> {
        let offer = Offer::open(offer)?;
        let raft = self.gate.member(&offer.header)?;
        Ok((raft, offer))
    }

    fn patience(&self, deadline_ms: u32) -> Duration {
        Duration::from_millis(deadline_ms.into()).min(self.timeouts.control)
    }
}

/// The requests of one append stream, on their way into Raft.
struct Inbound<SM>
where
    SM: RaftStateMachine<TypeConfig, SnapshotData = SnapshotFile>,
{
    gate: Gate<SM>,
    header: peer::Header,
    first: Option<peer::AppendRequest>,
    frames: Streaming<peer::AppendRequest>,
    /// Why the requests ended early, for the sender to be told after the last answer.
    fault: Arc<OnceLock<Status>>,
}

impl<SM> Inbound<SM>
where
    SM: RaftStateMachine<TypeConfig, SnapshotData = SnapshotFile>,
{
    fn answered_by(
        self,
        raft: &Raft<TypeConfig, SM>,
    ) -> BoxStream<'static, Result<peer::AppendReply, Status>> {
        let fault = Arc::clone(&self.fault);
        let contacts = self.gate.contacts.clone();
        let requests = stream::unfold(self, |mut inbound| async move {
            let request = inbound.next().await?;
            Some((request, inbound))
        });
        let answers = raft.stream_append(requests).map(move |answer| match answer {
            Ok(result) => {
                Ok(peer::AppendReply { result: frame::seal(&result), at: Some(contacts.moment()) })
            }
            Err(fatal) => Err(stopped(fatal)),
        });
        let last_word = stream::once(future::ready(fault))
            .filter_map(|fault| future::ready(fault.get().cloned().map(Err)));
        answers.chain(last_word).boxed()
    }

    async fn next(&mut self) -> Option<AppendEntriesRequest<TypeConfig>> {
        match self.try_next().await {
            Ok(request) => request,
            Err(status) => {
                self.fault.get_or_init(|| status);
                None
            }
        }
    }

    async fn try_next(&mut self) -> Result<Option<AppendEntriesRequest<TypeConfig>>, Status> {
        let frame = match self.first.take() {
            Some(first) => first,
            None => match self.frames.message().await? {
                Some(frame) => frame,
                None => return Ok(None),
            },
        };
        let raft = self.gate.still_member(&self.header)?;
        let request: AppendEntriesRequest<TypeConfig> = frame::open(&frame.append)?;
        plausible::append(&request, self.header.from_node)?;
        if let Some(age) = frame.age_us.map(Duration::from_micros) {
            self.gate.note_led(&self.header, &raft, age, frame.told.as_ref());
        }
        Ok(Some(request))
    }
}

/// Has the received file installed, and deletes it if the state machine did not take it.
async fn install<SM>(
    raft: Raft<TypeConfig, SM>,
    turn: Turn,
    offer: Offer,
    file: SnapshotFile,
) -> Result<SnapshotResponse<TypeConfig>, Refusal>
where
    SM: RaftStateMachine<TypeConfig, SnapshotData = SnapshotFile>,
{
    let path = file.path.clone();
    let response = install_checked(&raft, offer, file).await;
    // Already gone if it was installed by renaming it.
    blocking(move || std::fs::remove_file(path).ok()).await.ok();
    drop(turn);
    response
}

async fn install_checked<SM>(
    raft: &Raft<TypeConfig, SM>,
    offer: Offer,
    file: SnapshotFile,
) -> Result<SnapshotResponse<TypeConfig>, Refusal>
where
    SM: RaftStateMachine<TypeConfig, SnapshotData = SnapshotFile>,
{
    let committed = raft
        .with_raft_state(|state| state.local_committed().copied())
        .await
        .map_err(|_fatal| Refusal::NotRunning)?;
    if committed.is_some_and(|own| offer.id.last > own && offer.id.last.index <= own.index) {
        return Err(Refusal::Malformed("snapshot contradicts what is committed here"));
    }
    let snapshot = Snapshot { meta: offer.meta, snapshot: file };
    raft.install_full_snapshot(offer.vote, snapshot).await.map_err(|_fatal| Refusal::NotRunning)
}

fn headed(header: Option<peer::Header>) -> Result<peer::Header, Refusal> {
    header.ok_or(Refusal::Malformed("no header"))
}

/// Raft itself has ended; the node is about to.
fn stopped(fatal: impl Display) -> Status {
    tracing::debug!(%fatal, "answered a peer after the end of Raft");
    Refusal::NotRunning.into()
}

fn small(payload: Bytes) -> Result<Bytes, Refusal> {
    if payload.len() > CONTROL_BYTES_MAX {
        return Err(Refusal::Malformed("payload is too large"));
    }
    Ok(payload)
}

async fn in_time<T>(
    patience: Duration,
    answer: impl Future<Output = Result<T, ControlError>> + Send,
) -> Result<T, ControlError> {
    time::timeout(patience, answer).await.unwrap_or(Err(ControlError::OutcomeUnknown))
}
