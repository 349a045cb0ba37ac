//! Who belongs to the group: joining, promotion, removal, handing leadership over (DESIGN D20).

use crate::error::{MembershipError, ProposeError};
use crate::region::handle::{Region, Shared};
use crate::region::message::{JoinReply, JoinRequest};
use crate::region::propose::Write;
use crate::type_config::{NodeId, RegionNode};
use openraft::ChangeMembers;
use openraft::async_runtime::WatchReceiver as _;
use openraft::errors::{ChangeMembershipError, ClientWriteError, RaftError};
use regent_core::apply::Reply;
use regent_core::command::Command;
use regent_core::command::member::MemberCommand;
use regent_core::command::site::SiteCommand;
use regent_core::id::{Id, MemberId};
use regent_core::model::member::Standing;
use regent_core::object::Key;
use regent_core::outcome::Outcome;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout, timeout_at};

/// The default domain of a new site, as MAAS names it.
const FIRST_DOMAIN: &str = "maas";
/// What a change of membership may take.
const CHANGE_MAX: Duration = Duration::from_secs(10);
/// Pause before a change is tried again that met another.
const CHANGE_PAUSE: Duration = Duration::from_millis(50);
/// What a hand-over of leadership may take.
const TRANSFER_MAX: Duration = Duration::from_secs(2);
/// A voter heard from within this time counts as healthy.
const HEALTHY_WITHIN: Duration = Duration::from_secs(2);

impl Region {
    /// Gives a node a place as a learner. Only the leader does; the same data directory gets the same place again.
    ///
    /// # Errors
    /// [`MembershipError`].
    pub async fn admit(&self, request: JoinRequest) -> Result<JoinReply, MembershipError> {
        let shared = &self.shared;
        shared.must_lead()?;
        self.admit_founder().await?;
        let JoinRequest { node } = request;
        let command = MemberCommand::Admit { name: node.name.clone(), store: node.store.clone() };
        let node_id = self.propose_member(command).await?;
        let known = shared.publisher.load().membership.membership().get_node(&node_id).cloned();
        if known.as_ref() != Some(&node) {
            self.change(ChangeMembers::AddNodes(BTreeMap::from([(node_id, node)]))).await?;
        }
        let identity = &shared.identity;
        Ok(JoinReply { cluster_id: identity.cluster_id.clone(), epoch: identity.epoch, node_id })
    }

    /// Records the founder as the first member, before anybody else can take its number, and what every site has
    /// from the start.
    ///
    /// # Errors
    /// [`MembershipError`].
    pub(crate) async fn admit_founder(&self) -> Result<(), MembershipError> {
        let identity = &self.shared.identity;
        if !self.published().state.tables().members.is_empty() {
            return Ok(());
        }
        let (name, store) = (identity.name.clone(), identity.store.to_string());
        let domain = FIRST_DOMAIN.parse().expect("a plain name");
        let founding = Command::Batch(vec![
            Command::Member(MemberCommand::Admit { name, store }),
            Command::Site(SiteCommand::Bootstrap { domain }),
        ]);
        let reply = self.propose_as_node(founding).await?;
        reply.result.map(drop).map_err(|refused| MembershipError::Refused(refused.to_string()))
    }

    /// Takes a node out of the group for good. Asked again after an interruption, it does what is left to do.
    ///
    /// # Errors
    /// [`MembershipError::WouldLoseQuorum`] unless `forced`.
    pub async fn remove_node(&self, node: NodeId, forced: bool) -> Result<(), MembershipError> {
        let shared = &self.shared;
        shared.must_lead()?;
        let membership = shared.publisher.load().membership.membership().clone();
        let in_group = membership.get_node(&node).is_some();
        if !in_group && !shared.is_admitted(node) {
            return Err(MembershipError::Unknown(node));
        }
        let voters: BTreeSet<NodeId> = membership.voter_ids().collect();
        let remaining: BTreeSet<NodeId> = voters.iter().copied().filter(|id| *id != node).collect();
        let healthy = remaining.iter().filter(|id| shared.is_healthy(**id)).count();
        if !forced && voters.contains(&node) && healthy * 2 <= remaining.len() {
            let voters = remaining.len();
            return Err(MembershipError::WouldLoseQuorum { node, healthy, voters });
        }
        if node == shared.identity.node_id {
            self.hand_over().await?;
            return Err(MembershipError::NotLeader { leader: shared.leadership().leader });
        }
        let id = u32::try_from(node).map_err(|_| MembershipError::Unknown(node))?;
        if voters.contains(&node) {
            self.change(ChangeMembers::ReplaceAllVoters(remaining)).await?;
        }
        if in_group {
            self.change(ChangeMembers::RemoveNodes(BTreeSet::from([node]))).await?;
        }
        self.propose_member(MemberCommand::Remove { id: MemberId(id) }).await.map(drop)
    }

    /// Makes learners voters, all in one joint change. Who is ready is decided by whoever calls.
    ///
    /// # Errors
    /// [`MembershipError`].
    pub async fn promote(&self, learners: BTreeSet<NodeId>) -> Result<(), MembershipError> {
        self.shared.must_lead()?;
        self.change(ChangeMembers::AddVoterIds(learners)).await
    }

    /// Changes the group, after any change that is under way.
    async fn change(
        &self,
        change: ChangeMembers<NodeId, RegionNode>,
    ) -> Result<(), MembershipError> {
        let deadline = Instant::now() + CHANGE_MAX;
        loop {
            let attempt = self.shared.raft.change_membership(change.clone(), true);
            let attempted = timeout_at(deadline.into(), attempt).await;
            let in_progress = matches!(
                &attempted,
                Ok(Err(RaftError::APIError(ClientWriteError::ChangeMembershipError(
                    ChangeMembershipError::InProgress(_)
                ))))
            );
            if !in_progress || Instant::now() + CHANGE_PAUSE > deadline {
                return changed(attempted);
            }
            sleep(CHANGE_PAUSE).await;
        }
    }

    /// Hands leadership to the voter that is furthest along; does nothing on a node that does not lead.
    ///
    /// # Errors
    /// [`MembershipError::Refused`] if nobody took over in time.
    pub async fn hand_over(&self) -> Result<(), MembershipError> {
        let shared = &self.shared;
        let Some(heir) = shared.heir() else { return Ok(()) };
        let own = shared.identity.node_id;
        let refused = |error: &dyn std::fmt::Display| MembershipError::Refused(error.to_string());
        shared.raft.trigger().transfer_leader(heir).await.map_err(|error| refused(&error))?;
        let mut metrics = shared.raft.server_metrics();
        let taken = metrics.wait_until(|m| m.current_leader.is_some_and(|leader| leader != own));
        match timeout(TRANSFER_MAX, taken).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(refused(&error)),
            Err(_) => Err(MembershipError::Refused(format!("node {heir} did not take over"))),
        }
    }

    async fn propose_as_node(&self, command: Command) -> Result<Reply, ProposeError> {
        let principal = format!("node:{}", self.shared.identity.name);
        let write = Write { principal, key: None, guards: Vec::new(), command };
        self.propose(write, Instant::now() + CHANGE_MAX).await
    }

    async fn propose_member(&self, command: MemberCommand) -> Result<NodeId, MembershipError> {
        let reply = self.propose_as_node(Command::Member(command)).await?;
        match reply.result {
            Ok(Outcome::Created(object) | Outcome::Updated(object)) => match object.key {
                Key::Number(id) => Ok(id),
                Key::Address(_) | Key::Name(_) => Err(ProposeError::OutcomeUnknown.into()),
            },
            Ok(_) => Err(ProposeError::OutcomeUnknown.into()),
            Err(rejection) => Err(MembershipError::Refused(rejection.to_string())),
        }
    }
}

impl Shared {
    fn must_lead(&self) -> Result<(), MembershipError> {
        let leadership = self.leadership();
        if leadership.is_leader {
            return Ok(());
        }
        Err(MembershipError::NotLeader { leader: leadership.leader })
    }

    /// Whether the state knows the node and does not call it removed.
    fn is_admitted(&self, node: NodeId) -> bool {
        let published = self.publisher.load();
        let mut members = published.state.tables().members.iter();
        members.any(|(id, row)| {
            NodeId::from(id.number()) == node && row.value.standing == Standing::Present
        })
    }

    pub(crate) fn is_healthy(&self, node: NodeId) -> bool {
        node == self.identity.node_id
            || self.contacts.age(node).is_some_and(|age| age < HEALTHY_WITHIN)
    }

    /// The other voter with the longest log, if this node leads.
    fn heir(&self) -> Option<NodeId> {
        if !self.leadership().is_leader {
            return None;
        }
        let metrics = self.raft.metrics();
        let metrics = metrics.borrow_watched();
        let voters: BTreeSet<NodeId> = metrics.membership_config.voter_ids().collect();
        let replication = metrics.replication.as_ref()?;
        let candidates = replication.iter().filter(|(id, _)| {
            voters.contains(id) && **id != self.identity.node_id && self.is_healthy(**id)
        });
        candidates
            .max_by_key(|(_, matched)| matched.as_ref().map(|log_id| log_id.index))
            .map(|(id, _)| *id)
    }
}

type Changed<T> = Result<
    Result<
        T,
        RaftError<crate::type_config::TypeConfig, ClientWriteError<crate::type_config::TypeConfig>>,
    >,
    tokio::time::error::Elapsed,
>;

fn changed<T>(result: Changed<T>) -> Result<(), MembershipError> {
    match result {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(RaftError::APIError(ClientWriteError::ForwardToLeader(to)))) => {
            Err(MembershipError::NotLeader { leader: to.leader_id })
        }
        Ok(Err(error)) => Err(MembershipError::Refused(error.to_string())),
        Err(_) => Err(MembershipError::Refused("it was not committed in time".into())),
    }
}
