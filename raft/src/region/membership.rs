//! Who belongs to the group: joining, promotion, removal, handing leadership over (DESIGN D20).

use crate::error::MembershipError;
use crate::region::change::{CHANGE_MAX, Change};
use crate::region::handle::{Region, Shared};
use crate::region::message::{GroupChange, JoinReply, JoinRequest};
use crate::runtime::elapsed;
use crate::type_config::NodeId;
use openraft::ChangeMembers;
use openraft::async_runtime::WatchReceiver as _;
use regent_core::command::member::MemberCommand;
use regent_core::id::MemberId;
use regent_core::model::member::Standing;
use regent_core::planted::{self, Planted};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use tokio::sync::MutexGuard;
use tokio::time::{sleep, timeout};

/// What a hand-over of leadership may take.
const TRANSFER_MAX: Duration = Duration::from_secs(2);
/// A learner that lags no more than this may become a voter.
const PROMOTE_LAG_ENTRIES: u64 = 1000;
/// A node that followed this leader within this time counts as healthy.
const HEALTHY_WITHIN: Duration = Duration::from_secs(2);
/// How often it is looked who has answered.
const LOOK_EVERY: Duration = Duration::from_millis(10);

impl Region {
    /// Gives a node a place as a learner. Only the leader does; the same data directory gets the same place again, and
    /// is from then on reached where it says now.
    ///
    /// # Errors
    /// [`MembershipError`].
    pub async fn admit(&self, request: JoinRequest) -> Result<JoinReply, MembershipError> {
        let region = self.clone();
        self.see_through(async move { region.give_place(request).await }).await
    }

    async fn give_place(&self, request: JoinRequest) -> Result<JoinReply, MembershipError> {
        let shared = &self.shared;
        let _one_at_a_time = shared.turn_to_place().await?;
        shared.must_lead()?;
        self.admit_founder().await?;
        let JoinRequest { node, passed_on: _ } = request;
        let command = MemberCommand::Admit { name: node.name.clone(), store: node.store.clone() };
        let node_id = self.propose_member(command).await?;
        let placing = |shared: &Shared| {
            let place = BTreeMap::from([(node_id, node.clone())]);
            Ok(match shared.known_nodes().remove(&node_id) {
                Some(known) if known == node => None,
                Some(_moved) => Some(ChangeMembers::SetNodes(place)),
                None => Some(ChangeMembers::AddNodes(place)),
            })
        };
        shared.change(placing).await?;
        let identity = &shared.identity;
        Ok(JoinReply { cluster_id: identity.cluster_id.clone(), epoch: identity.epoch, node_id })
    }

    /// Makes a change as leader.
    ///
    /// # Errors
    /// [`MembershipError`].
    pub(crate) async fn lead_change(&self, change: GroupChange) -> Result<(), MembershipError> {
        let region = self.clone();
        self.see_through(async move {
            match change {
                GroupChange::Remove { node, forced } => region.take_out(node, forced).await,
                GroupChange::Promote { learners, forced } => region.raise(learners, forced).await,
            }
        })
        .await
    }

    async fn take_out(&self, node: NodeId, forced: bool) -> Result<(), MembershipError> {
        let shared = &self.shared;
        let _one_at_a_time = shared.turn_to_place().await?;
        shared.must_lead()?;
        // A node without a place may still have its record: then only that step is left of its removal.
        if !shared.known_nodes().contains_key(&node) && !shared.is_recorded(node) {
            return Err(MembershipError::Unknown(node));
        }
        let asked = if forced { None } else { Some(shared.have_voters_answer(Some(node)).await) };
        if node == shared.identity.node_id {
            shared.removal_of(node, asked)?;
            self.hand_over().await?;
            return Err(MembershipError::NotLeader { leader: shared.leadership().leader });
        }
        let id = u32::try_from(node).map_err(|_| MembershipError::Unknown(node))?;
        if !planted::is(Planted::RemovedMemberVotes) {
            shared.change(|shared| shared.removal_of(node, asked)).await?;
        }
        self.propose_member(MemberCommand::Remove { id: MemberId(id) }).await.map(drop)
    }

    /// Takes nodes off the record that are out of the group already: who removed them was lost between the two. Such a node asks
    /// for votes, and would never hear that it was removed; one that is only about to join does not ask.
    pub(crate) async fn finish_removals(&self) {
        let published = self.shared.publisher.load();
        let recorded = published.state.tables().members.iter().map(|(id, _)| NodeId::from(id.0));
        for node in recorded.filter(|node| self.shared.is_half_removed(*node)) {
            match self.finish_removal(node).await {
                Ok(()) => tracing::info!(node, "ended a removal that was left half-way"),
                Err(error) => tracing::warn!(%error, node, "a half-made removal remains"),
            }
        }
    }

    async fn finish_removal(&self, node: NodeId) -> Result<(), MembershipError> {
        let _one_at_a_time = self.shared.turn_to_place().await?;
        if !self.shared.is_half_removed(node) {
            return Ok(());
        }
        let id = u32::try_from(node).map_err(|_| MembershipError::Unknown(node))?;
        self.propose_member(MemberCommand::Remove { id: MemberId(id) }).await.map(drop)
    }

    async fn raise(&self, learners: BTreeSet<NodeId>, forced: bool) -> Result<(), MembershipError> {
        let shared = &self.shared;
        shared.must_lead()?;
        let asked = if forced { None } else { Some(shared.have_voters_answer(None).await) };
        shared.change(|shared| shared.promotion_of(&learners, asked)).await
    }

    /// Hands leadership to the voter that is furthest along; does nothing on a node that does not lead.
    ///
    /// # Errors
    /// [`MembershipError::Refused`] if nobody took over in time.
    pub async fn hand_over(&self) -> Result<(), MembershipError> {
        match self.shared.heir(|_| true) {
            Some(heir) => self.hand_over_to(heir).await,
            None => Ok(()),
        }
    }

    /// Hands leadership to this voter.
    pub(crate) async fn hand_over_to(&self, heir: NodeId) -> Result<(), MembershipError> {
        let shared = &self.shared;
        let own = shared.identity.node_id;
        let refused = |error: &dyn std::fmt::Display| MembershipError::Refused(error.to_string());
        let handing_over = async {
            let trigger = shared.raft.trigger();
            trigger.transfer_leader(heir).await.map_err(|error| refused(&error))?;
            let mut metrics = shared.raft.server_metrics();
            let another = |leader: Option<NodeId>| leader.is_some_and(|leader| leader != own);
            let taken = metrics.wait_until(|metrics| another(metrics.current_leader));
            taken.await.map(drop).map_err(|error| refused(&error))
        };
        let late = |_| Err(MembershipError::Refused(format!("node {heir} did not take over")));
        timeout(TRANSFER_MAX, handing_over).await.unwrap_or_else(late)
    }
}

impl Shared {
    async fn turn_to_place(&self) -> Result<MutexGuard<'_, ()>, MembershipError> {
        let late = |_| MembershipError::Refused("other changes of the group took too long".into());
        timeout(CHANGE_MAX, self.placing.lock()).await.map_err(late)
    }

    fn must_lead(&self) -> Result<(), MembershipError> {
        let leadership = self.leadership();
        if leadership.is_leader {
            return Ok(());
        }
        Err(MembershipError::NotLeader { leader: leadership.leader })
    }

    /// Waits until all voters but one have followed this leader once more, and for those that do not no longer than one
    /// counts as healthy: a voter that died a moment ago must not be counted on, or a change that needs it never ends.
    /// Returns since when they had time to answer.
    async fn have_voters_answer(&self, but: Option<NodeId>) -> Instant {
        let asked = elapsed::now();
        let membership = self.membership();
        let voters: BTreeSet<_> = membership.voter_ids().filter(|id| Some(*id) != but).collect();
        while !voters.iter().all(|id| self.has_answered(*id, asked))
            && elapsed::since(asked) < HEALTHY_WITHIN
        {
            sleep(LOOK_EVERY).await;
        }
        asked
    }

    fn has_answered(&self, node: NodeId, asked: Instant) -> bool {
        let own = node == self.identity.node_id;
        own || (self.is_healthy(node) && self.contacts.of(node).followed >= Some(asked))
    }

    /// What is left to do to the group until `node` is out of it. Voters that have not answered since they were `asked` count
    /// against it; nobody was where it is forced.
    fn removal_of(
        &self,
        node: NodeId,
        asked: Option<Instant>,
    ) -> Result<Option<Change>, MembershipError> {
        let membership = self.membership();
        if membership.get_node(&node).is_none() {
            return Ok(None);
        }
        let voters: BTreeSet<NodeId> = membership.voter_ids().collect();
        if !voters.contains(&node) {
            return Ok(Some(ChangeMembers::RemoveNodes(BTreeSet::from([node]))));
        }
        if let Some(asked) = asked {
            let others = voters.iter().filter(|id| **id != node);
            let healthy = others.filter(|id| self.has_answered(**id, asked)).count();
            let voters = voters.len() - 1;
            if healthy * 2 <= voters {
                return Err(MembershipError::WouldLoseQuorum { node, healthy, voters });
            }
        }
        Ok(Some(ChangeMembers::RemoveVoters(BTreeSet::from([node]))))
    }

    fn promotion_of(
        &self,
        learners: &BTreeSet<NodeId>,
        asked: Option<Instant>,
    ) -> Result<Option<Change>, MembershipError> {
        let membership = self.membership();
        if let Some(stranger) = learners.iter().find(|node| membership.get_node(node).is_none()) {
            return Err(MembershipError::Unknown(*stranger));
        }
        let voters: BTreeSet<NodeId> = membership.voter_ids().collect();
        let raised: BTreeSet<NodeId> = learners.difference(&voters).copied().collect();
        if raised.is_empty() {
            return Ok(None);
        }
        if let Some(asked) = asked {
            self.may_be_raised(&raised, &voters, asked)?;
        }
        Ok(Some(ChangeMembers::AddVoterIds(raised)))
    }

    /// A voter that does not answer counts against every majority, and so does one too many.
    fn may_be_raised(
        &self,
        raised: &BTreeSet<NodeId>,
        voters: &BTreeSet<NodeId>,
        asked: Instant,
    ) -> Result<(), MembershipError> {
        let ready = self.learners_that_keep_up();
        if let Some(late) = raised.difference(&ready).next() {
            return Err(MembershipError::Unsafe(format!("node {late} does not keep up")));
        }
        if let Some(silent) = voters.iter().find(|voter| !self.has_answered(**voter, asked)) {
            return Err(MembershipError::Unsafe(format!("voter {silent} does not answer")));
        }
        let count = raised.len() + voters.len();
        if count.is_multiple_of(2) {
            let why = format!("{count} voters tolerate no more failures than {}", count - 1);
            return Err(MembershipError::Unsafe(why));
        }
        Ok(())
    }

    /// Whether this node leads, and another one that has just asked for votes is on record, but not in the group.
    fn is_half_removed(&self, node: NodeId) -> bool {
        self.followers.applied().is_some()
            && self.contacts.candidate_age(node).is_some_and(|age| age < HEALTHY_WITHIN)
            && !self.known_nodes().contains_key(&node)
            && self.is_recorded(node)
    }

    /// Whether the state has `node` as a member.
    fn is_recorded(&self, node: NodeId) -> bool {
        let published = self.publisher.load();
        let id = u32::try_from(node).ok().map(MemberId);
        let row = id.and_then(|id| published.state.tables().members.get(&id).cloned());
        row.is_some_and(|row| row.value.standing == Standing::Present)
    }

    /// The learners that answer and lag little, if this node leads.
    pub(crate) fn learners_that_keep_up(&self) -> BTreeSet<NodeId> {
        if !self.leadership().is_leader {
            return BTreeSet::new();
        }
        let metrics = self.raft.metrics();
        let metrics = metrics.borrow_watched();
        let Some(replication) = &metrics.replication else { return BTreeSet::new() };
        let last = metrics.last_log_index.unwrap_or_default();
        let keeps_up = |node: &NodeId| {
            let matched = replication.get(node).and_then(|log_id| log_id.as_ref());
            matched.is_some_and(|log_id| last - log_id.index.min(last) < PROMOTE_LAG_ENTRIES)
        };
        let learners = metrics.membership_config.membership().learner_ids();
        learners.filter(|node| self.is_healthy(*node) && keeps_up(node)).collect()
    }

    /// Whether `node` follows this leader. That it answers other requests says nothing: appends may not reach it.
    pub(crate) fn is_healthy(&self, node: NodeId) -> bool {
        node == self.identity.node_id
            || self.contacts.followed_age(node).is_some_and(|age| age < HEALTHY_WITHIN)
    }

    /// The other voter with the longest log of those that may be one, if this node leads.
    pub(crate) fn heir(&self, may_be: impl Fn(NodeId) -> bool) -> Option<NodeId> {
        if !self.leadership().is_leader {
            return None;
        }
        let metrics = self.raft.metrics();
        let metrics = metrics.borrow_watched();
        let voters: BTreeSet<NodeId> = metrics.membership_config.voter_ids().collect();
        let replication = metrics.replication.as_ref()?;
        let candidates = replication.iter().filter(|(id, _)| {
            let other = **id != self.identity.node_id;
            voters.contains(id) && other && self.is_healthy(**id) && may_be(**id)
        });
        candidates
            .max_by_key(|(_, matched)| matched.as_ref().map(|log_id| log_id.index))
            .map(|(id, _)| *id)
    }
}
