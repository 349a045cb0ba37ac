//! What peers ask of this node: to take a write, to confirm a read, to give a place, to change the group, to say
//! how it is.

use crate::error::MembershipError;
use crate::network::calls::PeerAddress;
use crate::network::control::Control;
use crate::network::failure::CallError;
use crate::network::refusal::ControlError;
use crate::region::handle::Region;
use crate::region::message::{ChangeAnswer, GroupChange, JoinAnswer, JoinReply, JoinRequest};
use crate::region::submit::{REQUEST_BYTES_MAX, ReadOnly, Submission};
use crate::type_config::{NodeId, RegionNode};
use async_trait::async_trait;
use bytes::Bytes;
use regent_core::codec;
use regent_core::command::Request;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// What asking the leader for a place on behalf of a stranger may take.
const JOIN_MAX: Duration = Duration::from_secs(15);

/// The region's answers. Empty until the region runs, since the peers' door is built before it.
#[derive(Clone, Default)]
pub(crate) struct RegionControl(pub(crate) Arc<OnceLock<Region>>);

impl RegionControl {
    fn region(&self) -> Result<&Region, ControlError> {
        self.0.get().ok_or(ControlError::Unavailable)
    }
}

/// The request in memory of its own. As it came from a peer it is a small part of the buffer it was read into (8 KiB), and the
/// log would keep all of that in memory with the entry, forty times what is counted for it.
fn owned(request: &Bytes) -> Bytes {
    Bytes::copy_from_slice(request)
}

#[async_trait]
impl Control for RegionControl {
    async fn forward(
        &self,
        _from: NodeId,
        request: Bytes,
        deadline: Instant,
    ) -> Result<Bytes, ControlError> {
        // An entry that does not decode stops every node that meets it: it must not get into the log.
        if request.len() > REQUEST_BYTES_MAX || codec::open::<Request>(&request).is_err() {
            return Err(ControlError::BadRequest);
        }
        let submitted = self.region()?.shared.submit(owned(&request), deadline).await;
        submitted.map(|reply| Bytes::from(codec::seal(&reply))).map_err(|error| match error {
            Submission::NotLeader(leader) => ControlError::NotLeader { leader },
            Submission::Overloaded => ControlError::Overloaded,
            Submission::Unknown => ControlError::OutcomeUnknown,
            Submission::ReadOnly(ReadOnly::DiskFull) => ControlError::DiskFull,
            Submission::ReadOnly(ReadOnly::Contested) => ControlError::Contested,
            Submission::NotUnderstood => ControlError::BadRequest,
            Submission::Stopping => ControlError::Unavailable,
        })
    }

    async fn read_index(&self, deadline: Instant) -> Result<u64, ControlError> {
        let shared = &self.region()?.shared;
        let leadership = shared.leadership();
        if !leadership.is_leader {
            return Err(ControlError::NotLeader { leader: leadership.leader });
        }
        shared.own_read_index(deadline).await.ok_or(ControlError::Unavailable)
    }

    async fn join(&self, request: Bytes) -> Result<Bytes, ControlError> {
        let region = self.region()?;
        let request: JoinRequest = codec::open(&request).map_err(|_| ControlError::BadRequest)?;
        // A member that moved may be needed for the very majority that is to record its new place.
        let RegionNode { store, peer, .. } = &request.node;
        region.shared.calls.admission.rcu(|admission| admission.hinted(store, peer));
        let leadership = region.leadership();
        if leadership.is_leader {
            let answer = join_answer(region.admit(request).await)?;
            return Ok(Bytes::from(codec::seal(&answer)));
        }
        let not_leader = ControlError::NotLeader { leader: leadership.leader };
        // Two nodes that take each other for the leader would pass it to and fro for ever.
        if request.passed_on {
            return Err(not_leader);
        }
        let leader = leadership.leader.and_then(|leader| region.shared.peer_address(leader));
        region.pass_on(request, &leader.ok_or(not_leader)?).await
    }

    async fn change_group(&self, request: Bytes) -> Result<Bytes, ControlError> {
        let region = self.region()?;
        let change: GroupChange = codec::open(&request).map_err(|_| ControlError::BadRequest)?;
        let made = region.lead_change(change).await;
        let answer: ChangeAnswer = made.map(|()| region.published().applied_index());
        Ok(Bytes::from(codec::seal(&answer)))
    }

    async fn hello(&self, from: NodeId, _hello: Bytes) -> Result<Bytes, ControlError> {
        let acquaintance = self.region()?.shared.acquaintance_of(from);
        Ok(Bytes::from(codec::seal(&acquaintance)))
    }

    async fn status(&self) -> Bytes {
        match self.region() {
            Ok(region) => Bytes::from(codec::seal(&region.report())),
            Err(_) => Bytes::new(),
        }
    }

    fn note(&self) -> Bytes {
        self.region().map(|region| region.shared.notes.own()).unwrap_or_default()
    }
}

impl Region {
    async fn pass_on(
        &self,
        request: JoinRequest,
        leader: &PeerAddress,
    ) -> Result<Bytes, ControlError> {
        let request = codec::seal(&JoinRequest { passed_on: true, ..request });
        let answer = self.shared.calls.join(leader, Bytes::from(request), JOIN_MAX).await;
        answer.map_err(|error| match error {
            CallError::Control(error) => error,
            CallError::CutOff(_) => ControlError::OutcomeUnknown,
            CallError::Refused(_) | CallError::Unreachable(_) => ControlError::Unavailable,
        })
    }
}

fn join_answer(admitted: Result<JoinReply, MembershipError>) -> Result<JoinAnswer, ControlError> {
    let error = match admitted {
        Ok(place) => return Ok(JoinAnswer::Place(place)),
        Err(error) => error,
    };
    tracing::warn!(%error, "gave no place to a node that asked");
    match error {
        MembershipError::NotLeader { leader } => Err(ControlError::NotLeader { leader }),
        MembershipError::Refused(_) | MembershipError::Unknown(_) => {
            Ok(JoinAnswer::Refused(error.to_string()))
        }
        MembershipError::WouldLoseQuorum { .. }
        | MembershipError::Unsafe(_)
        | MembershipError::Propose(_) => Err(ControlError::Unavailable),
    }
}

#[cfg(test)]
mod tests {
    use super::owned;
    use bytes::BytesMut;

    #[test]
    fn entry_keeps_no_more_memory_than_its_request_needs() {
        let mut buffer = BytesMut::zeroed(8 << 10);
        let request = buffer.split_to(200).freeze();
        assert_eq!(owned(&request).try_into_mut().unwrap().capacity(), 200);
    }
}
