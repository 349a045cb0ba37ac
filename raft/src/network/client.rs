//! What openraft calls to reach its peers: a factory of clients, one per peer and kind of traffic.
//!
//! Nothing is retried here: openraft repeats what failed, at the pace of the pauses below.

use crate::network::append::{Answer, Session};
use crate::network::channels::{Attempt, Channels, Client, Purpose};
use crate::network::contact::Contacts;
use crate::network::failure::Call;
use crate::network::frame;
use crate::network::header::Admission;
use crate::network::majority::OwnAge;
use crate::network::refusal::Refusal;
use crate::network::snapshot_sender::SnapshotSender;
use crate::state_machine::snapshot_file::SnapshotFile;
use crate::type_config::{NodeId, RegionNode, TypeConfig, Vote};
use arc_swap::ArcSwap;
use bytes::Bytes;
use futures::stream::{self, BoxStream, Stream, StreamExt};
use openraft::alias::SnapshotOf;
use openraft::base::BoxFuture;
use openraft::errors::{NetworkError, RPCError, ReplicationClosed, StreamingError, Unreachable};
use openraft::network::{Backoff, RPCOption, RaftNetworkFactory, RaftNetworkV2};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, TransferLeaderRequest,
    TransferLeaderResponse, VoteRequest, VoteResponse,
};
use openraft::{OptionalSend, RPCTypes};
use regent_proto::peer;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::time;
use tonic::{Response, Status};

/// Pauses before a peer that could not be reached is tried again; the last one repeats.
const BACKOFF_MS: [u64; 6] = [20, 40, 80, 160, 320, 500];

type RpcResult<T> = Result<T, RPCError<TypeConfig>>;

/// Makes the clients of one node.
#[derive(Clone, Debug)]
pub struct PeerFactory {
    /// Who we are; read at each call, so that a new epoch takes effect at once.
    pub admission: Arc<ArcSwap<Admission>>,
    /// The connections.
    pub channels: Channels,
    /// Where answers are noted.
    pub contacts: Contacts,
    /// What goes with each append.
    pub own_age: OwnAge,
}

/// One peer, for one kind of traffic.
#[derive(Clone, Debug)]
pub struct PeerClient {
    factory: PeerFactory,
    target: NodeId,
    /// Where it was when this client was made; openraft does not make another when it moves.
    first_address: String,
    purpose: Purpose,
}

impl PeerFactory {
    fn client(&self, target: NodeId, node: &RegionNode, purpose: Purpose) -> PeerClient {
        PeerClient { factory: self.clone(), target, first_address: node.peer.clone(), purpose }
    }
}

impl RaftNetworkFactory<TypeConfig> for PeerFactory {
    type Network = PeerClient;

    async fn new_client(&mut self, target: NodeId, node: &RegionNode) -> PeerClient {
        self.client(target, node, Purpose::Append)
    }

    async fn new_heartbeat_client(&mut self, target: NodeId, node: &RegionNode) -> PeerClient {
        self.client(target, node, Purpose::Heartbeat)
    }

    async fn new_snapshot_client(&mut self, target: NodeId, node: &RegionNode) -> PeerClient {
        self.client(target, node, Purpose::Snapshot)
    }
}

impl PeerClient {
    fn begin(&self, purpose: Purpose) -> RpcResult<(Client, Attempt)> {
        let admission = self.factory.admission.load();
        let address = admission.address_of(self.target).unwrap_or(&self.first_address);
        let link = self.factory.channels.link(self.target, address, purpose);
        let link = link.map_err(|bad| RPCError::Unreachable(Unreachable::new(&bad)))?;
        Ok(link.begin())
    }

    fn header(&self) -> peer::Header {
        self.factory.admission.load().identity.header_to(self.target)
    }

    fn call(&self, action: RPCTypes, patience: Duration) -> Call {
        let from = self.factory.admission.load().identity.node;
        Call { action, from, to: self.target, patience }
    }

    fn session(&self, option: &RPCOption) -> RpcResult<Session> {
        let patience = match self.purpose {
            // openraft drops a heartbeat after its interval; a little less would only lose answers.
            Purpose::Heartbeat => option.hard_ttl(),
            Purpose::Append | Purpose::Snapshot | Purpose::Control => {
                self.factory.channels.timeouts().append_stall
            }
        };
        let (client, attempt) = self.begin(self.purpose)?;
        Ok(Session {
            client,
            attempt,
            purpose: self.purpose,
            call: self.call(RPCTypes::AppendEntries, patience),
            header: self.header(),
            contacts: self.factory.contacts.clone(),
            own_age: Arc::clone(&self.factory.own_age),
        })
    }

    /// Makes one small, urgent call and opens what it brings.
    async fn ask<T, R, F>(
        &self,
        call: Call,
        send: impl FnOnce(Client) -> F + Send,
        payload: impl FnOnce(R) -> Bytes + Send,
    ) -> RpcResult<T>
    where
        T: DeserializeOwned,
        F: Future<Output = Result<Response<R>, Status>> + Send,
    {
        let (client, mut attempt) = self.begin(Purpose::Heartbeat)?;
        let reply = match time::timeout(call.patience, send(client)).await {
            Ok(reply) => reply,
            Err(_elapsed) => return Err(call.timed_out()),
        };
        let contacts = &self.factory.contacts;
        match reply {
            Ok(reply) => {
                attempt.answered();
                contacts.note_answer(self.target, attempt.age());
                frame::open(&payload(reply.into_inner()))
                    .map_err(|_| call.nonsense("an answer that does not decode"))
            }
            Err(status) => {
                if let Some(refusal) = Refusal::in_status(&status) {
                    attempt.answered();
                    contacts.note_refusal(self.target, &refusal);
                }
                Err(call.failed(&status))
            }
        }
    }

    fn vote_request(&self, rpc: &VoteRequest<TypeConfig>) -> peer::VoteRequest {
        peer::VoteRequest { header: Some(self.header()), vote: frame::seal(rpc) }
    }
}

impl RaftNetworkV2<TypeConfig> for PeerClient {
    type SnapshotData = SnapshotFile;

    async fn append_entries(
        &mut self,
        rpc: AppendEntriesRequest<TypeConfig>,
        option: RPCOption,
    ) -> RpcResult<AppendEntriesResponse<TypeConfig>> {
        let mut answers = self.session(&option)?.stream(Box::pin(stream::iter([rpc])));
        match answers.next().await {
            Some(answer) => answer.map(AppendEntriesResponse::from),
            None => Err(RPCError::Network(NetworkError::from_string("no answer"))),
        }
    }

    fn stream_append<'s, S>(
        &'s mut self,
        input: S,
        option: RPCOption,
    ) -> BoxFuture<'s, RpcResult<BoxStream<'s, Answer>>>
    where
        S: Stream<Item = AppendEntriesRequest<TypeConfig>> + OptionalSend + Unpin + 'static,
    {
        Box::pin(async move { Ok(self.session(&option)?.stream(input)) })
    }

    async fn vote(
        &mut self,
        rpc: VoteRequest<TypeConfig>,
        option: RPCOption,
    ) -> RpcResult<VoteResponse<TypeConfig>> {
        let call = self.call(RPCTypes::Vote, option.soft_ttl());
        let request = self.vote_request(&rpc);
        let send = |mut client: Client| async move { client.vote(request).await };
        self.ask(call, send, |reply: peer::VoteReply| reply.vote).await
    }

    async fn pre_vote(
        &mut self,
        rpc: VoteRequest<TypeConfig>,
        option: RPCOption,
    ) -> RpcResult<VoteResponse<TypeConfig>> {
        let call = self.call(RPCTypes::Vote, option.soft_ttl());
        let request = self.vote_request(&rpc);
        let send = |mut client: Client| async move { client.pre_vote(request).await };
        self.ask(call, send, |reply: peer::VoteReply| reply.vote).await
    }

    async fn transfer_leader(
        &mut self,
        req: TransferLeaderRequest<TypeConfig>,
        option: RPCOption,
    ) -> RpcResult<TransferLeaderResponse<TypeConfig>> {
        let call = self.call(RPCTypes::TransferLeader, option.soft_ttl());
        let transfer = frame::seal(&req);
        let request = peer::TransferLeaderRequest { header: Some(self.header()), transfer };
        let send = |mut client: Client| async move { client.transfer_leader(request).await };
        self.ask(call, send, |reply: peer::TransferLeaderReply| reply.result).await
    }

    async fn full_snapshot(
        &mut self,
        vote: Vote,
        snapshot: SnapshotOf<TypeConfig, SnapshotFile>,
        cancel: impl Future<Output = ReplicationClosed> + OptionalSend + 'static,
        _option: RPCOption,
    ) -> Result<SnapshotResponse<TypeConfig>, StreamingError<TypeConfig>> {
        // openraft's time for a snapshot is informative and far too short: ours counts from the last progress.
        let timeouts = self.factory.channels.timeouts().clone();
        let (client, attempt) = self.begin(Purpose::Snapshot)?;
        let mut sender = SnapshotSender {
            client,
            attempt,
            call: self.call(RPCTypes::InstallSnapshot, timeouts.snapshot_idle),
            contacts: self.factory.contacts.clone(),
            timeouts,
        };
        let offer = peer::SnapshotOffer {
            header: Some(self.header()),
            vote: frame::seal(&vote),
            meta: frame::seal(&snapshot.meta),
            crc: snapshot.snapshot.crc,
            length_bytes: snapshot.snapshot.bytes,
        };
        tokio::select! {
            biased;
            closed = cancel => Err(StreamingError::Closed(closed)),
            response = sender.send(offer, &snapshot.snapshot) => Ok(response?),
        }
    }

    fn backoff(&self) -> Option<Backoff> {
        let last = BACKOFF_MS[BACKOFF_MS.len() - 1];
        let pauses = BACKOFF_MS.into_iter().chain(std::iter::repeat(last));
        Some(Backoff::new(pauses.map(Duration::from_millis)))
    }
}
