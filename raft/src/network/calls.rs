//! The control requests from the caller's side: forwarded writes, read indexes, introductions.
//!
//! One call, one attempt. Whether to try again, and where, is the caller's to decide from the [`CallError`].

use crate::network::channels::{Attempt, BadAddress, Channels, Client, Purpose};
use crate::network::contact::Contacts;
use crate::network::failure::CallError;
use crate::network::header::{ANY_NODE, Admission, Identity};
use crate::type_config::NodeId;
use arc_swap::ArcSwap;
use bytes::Bytes;
use regent_proto::peer;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::time;
use tonic::{Response, Status};

/// What is left for the peer to notice its deadline and say so, before we stop listening.
const DEADLINE_GRACE: Duration = Duration::from_millis(250);

/// Makes control requests to peers. Clones share their connections.
#[derive(Clone, Debug)]
pub struct PeerCalls {
    /// Who we are.
    pub admission: Arc<ArcSwap<Admission>>,
    /// The connections.
    pub channels: Channels,
    /// Where answers are noted.
    pub contacts: Contacts,
}

/// A peer and where it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerAddress {
    /// Its number.
    pub node: NodeId,
    /// Its peer port, `host:port`.
    pub address: String,
}

/// How a node introduced itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    /// Who it is.
    pub identity: Identity,
    /// What its region had to say.
    pub hello: Bytes,
}

impl From<BadAddress> for CallError {
    fn from(bad: BadAddress) -> Self {
        Self::Unreachable(bad.to_string())
    }
}

impl PeerCalls {
    /// Has the leader propose a write, and waits for its reply for `deadline` at most.
    ///
    /// # Errors
    /// Why there is no reply. Only after [`CallError::CutOff`] and an outcome that is unknown can the write have had an
    /// effect; else it may be offered elsewhere as if it were new.
    pub async fn forward(
        &self,
        to: &PeerAddress,
        request: Bytes,
        deadline: Duration,
    ) -> Result<Bytes, CallError> {
        let header = Some(self.header_to(to.node));
        let request = peer::ForwardRequest { header, request, deadline_ms: millis(deadline) };
        let send = |mut client: Client| async move { client.forward(request).await };
        Ok(self.call(to, deadline + DEADLINE_GRACE, send).await?.reply)
    }

    /// The log index a linearizable read that begins now must wait for.
    ///
    /// # Errors
    /// Why there is none; asking again is always allowed.
    pub async fn read_index(&self, to: &PeerAddress, deadline: Duration) -> Result<u64, CallError> {
        let header = Some(self.header_to(to.node));
        let request = peer::ReadIndexRequest { header, deadline_ms: millis(deadline) };
        let send = |mut client: Client| async move { client.read_index(request).await };
        Ok(self.call(to, deadline + DEADLINE_GRACE, send).await?.index)
    }

    /// How a peer is.
    ///
    /// # Errors
    /// Why it did not say.
    pub async fn status(&self, to: &PeerAddress, deadline: Duration) -> Result<Bytes, CallError> {
        let request = peer::StatusRequest { header: Some(self.header_to(to.node)) };
        let send = |mut client: Client| async move { client.status(request).await };
        Ok(self.call(to, deadline, send).await?.status)
    }

    /// What a peer has to tell every node.
    ///
    /// # Errors
    /// Why it did not say.
    pub async fn note(&self, to: &PeerAddress, deadline: Duration) -> Result<Bytes, CallError> {
        let request = peer::NoteRequest { header: Some(self.header_to(to.node)) };
        let send = |mut client: Client| async move { client.note(request).await };
        Ok(self.call(to, deadline, send).await?.note)
    }

    /// Introduces this node to a peer it knows.
    ///
    /// # Errors
    /// Why the peer did not introduce itself.
    pub async fn hello(
        &self,
        to: &PeerAddress,
        hello: Bytes,
        deadline: Duration,
    ) -> Result<Introduction, CallError> {
        let request = peer::HelloRequest { header: Some(self.header_to(to.node)), hello };
        let send = |mut client: Client| async move { client.hello(request).await };
        Ok(introduction(self.call(to, deadline, send).await?))
    }

    /// Introduces this node to whoever answers at `address`.
    ///
    /// # Errors
    /// Why nobody introduced himself.
    pub async fn hello_at(
        &self,
        address: &str,
        hello: Bytes,
        deadline: Duration,
    ) -> Result<Introduction, CallError> {
        let request = peer::HelloRequest { header: Some(self.header_to(ANY_NODE)), hello };
        let (mut client, attempt) = self.channels.passing_link(address)?.begin();
        let reply = finish(attempt, deadline, client.hello(request)).await?;
        Ok(introduction(reply))
    }

    /// Asks whoever answers at `address` for a place in its cluster.
    ///
    /// # Errors
    /// Why there is none; if the call was cut off there may be one all the same.
    pub async fn join_at(
        &self,
        address: &str,
        request: Bytes,
        deadline: Duration,
    ) -> Result<Bytes, CallError> {
        let request = peer::JoinRequest { header: Some(self.header_to(ANY_NODE)), request };
        let (mut client, attempt) = self.channels.passing_link(address)?.begin();
        Ok(finish(attempt, deadline, client.join(request)).await?.reply)
    }

    /// Asks the node it takes for the leader for a place, on behalf of another.
    ///
    /// # Errors
    /// As [`PeerCalls::join_at`].
    pub async fn join(
        &self,
        to: &PeerAddress,
        request: Bytes,
        deadline: Duration,
    ) -> Result<Bytes, CallError> {
        let request = peer::JoinRequest { header: Some(self.header_to(to.node)), request };
        let send = |mut client: Client| async move { client.join(request).await };
        Ok(self.call(to, deadline, send).await?.reply)
    }

    /// Has the leader change the group, and waits for its answer.
    ///
    /// # Errors
    /// Why there is no answer; if the call was cut off the change may be made all the same.
    pub async fn change_group(
        &self,
        to: &PeerAddress,
        request: Bytes,
        deadline: Duration,
    ) -> Result<Bytes, CallError> {
        let request = peer::ChangeGroupRequest { header: Some(self.header_to(to.node)), request };
        let send = |mut client: Client| async move { client.change_group(request).await };
        Ok(self.call(to, deadline, send).await?.reply)
    }

    fn header_to(&self, node: NodeId) -> peer::Header {
        self.admission.load().identity.header_to(node)
    }

    async fn call<R, F>(
        &self,
        to: &PeerAddress,
        patience: Duration,
        send: impl FnOnce(Client) -> F + Send,
    ) -> Result<R, CallError>
    where
        F: Future<Output = Result<Response<R>, Status>> + Send,
    {
        let link = self.channels.link(to.node, &to.address, Purpose::Control)?;
        let (client, attempt) = link.begin();
        let reply = finish(attempt, patience, send(client)).await;
        match &reply {
            Ok(_) | Err(CallError::Control(_)) => self.contacts.note_heard(to.node),
            Err(CallError::Refused(refusal)) => self.contacts.note_refusal(to.node, refusal),
            Err(CallError::Unreachable(_) | CallError::CutOff(_)) => {}
        }
        reply
    }
}

async fn finish<R>(
    mut attempt: Attempt,
    patience: Duration,
    reply: impl Future<Output = Result<Response<R>, Status>> + Send,
) -> Result<R, CallError> {
    let Ok(reply) = time::timeout(patience, reply).await else {
        return Err(CallError::CutOff("no answer in time".into()));
    };
    let reply = reply.map(Response::into_inner).map_err(|status| CallError::of(&status));
    match &reply {
        Ok(_) | Err(CallError::Control(_) | CallError::Refused(_)) => attempt.answered(),
        Err(CallError::Unreachable(_) | CallError::CutOff(_)) => {}
    }
    reply
}

fn introduction(reply: peer::HelloReply) -> Introduction {
    let peer::HelloReply { cluster, epoch, node, store, hello } = reply;
    Introduction { identity: Identity { cluster, epoch, node, store }, hello }
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
