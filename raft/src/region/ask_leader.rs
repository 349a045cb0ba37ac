//! Changes of the group, whichever node is asked for them: only the leader makes one, so that any other passes it on.

use crate::error::{MembershipError, ProposeError};
use crate::network::failure::CallError;
use crate::network::refusal::ControlError;
use crate::region::handle::Region;
use crate::region::message::{ChangeAnswer, GroupChange};
use crate::region::submit::RETRY_AFTER;
use crate::runtime::elapsed;
use crate::type_config::NodeId;
use bytes::Bytes;
use regent_core::codec;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long a leader is looked for.
const LOOK_MAX: Duration = Duration::from_secs(5);
/// Pause before the next node is asked.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// What a leader gets to make a change: it may have to wait for its turn.
const ANSWER_MAX: Duration = Duration::from_secs(25);
/// What this node gets to apply a change that is made.
const APPLY_MAX: Duration = Duration::from_secs(2);

impl Region {
    /// Takes a node out of the group for good. A removal that was broken off is ended by asking for it again.
    ///
    /// # Errors
    /// [`MembershipError::WouldLoseQuorum`] unless `forced`.
    pub async fn remove_node(&self, node: NodeId, forced: bool) -> Result<(), MembershipError> {
        self.have_changed(GroupChange::Remove { node, forced }).await
    }

    /// Makes learners voters, all in one joint change.
    ///
    /// # Errors
    /// [`MembershipError::Unsafe`], unless `forced`, if the group would be worse off.
    pub async fn promote(
        &self,
        learners: BTreeSet<NodeId>,
        forced: bool,
    ) -> Result<(), MembershipError> {
        self.have_changed(GroupChange::Promote { learners, forced }).await
    }

    /// Has the leader make a change. Whoever is told of it can see it on this node.
    async fn have_changed(&self, change: GroupChange) -> Result<(), MembershipError> {
        let deadline = elapsed::now() + LOOK_MAX;
        loop {
            // A leader that is to go hands over first, and says who made a change in its place.
            match self.ask_for_change(&change).await {
                Err(MembershipError::NotLeader { .. }) if elapsed::now() < deadline => {
                    sleep(LOOK_AGAIN).await;
                }
                made => return made,
            }
        }
    }

    async fn ask_for_change(&self, change: &GroupChange) -> Result<(), MembershipError> {
        let leadership = self.leadership();
        if leadership.is_leader {
            return self.lead_change(change.clone()).await;
        }
        let leader = leadership.leader;
        let address = leader.and_then(|leader| self.shared.peer_address(leader));
        let address = address.ok_or(MembershipError::NotLeader { leader })?;
        let request = Bytes::from(codec::seal(change));
        let answer = self.shared.calls.change_group(&address, request, ANSWER_MAX).await;
        let answer: Result<ChangeAnswer, _> = codec::open(&answer.map_err(no_answer)?);
        let applied = answer.map_err(|_| MembershipError::from(ProposeError::OutcomeUnknown))??;
        let mut progress = self.progress();
        let reached = progress.wait_for(|progress| progress.index >= applied);
        // A node that was itself removed gets no further.
        drop(timeout(APPLY_MAX, reached).await);
        Ok(())
    }
}

fn no_answer(error: CallError) -> MembershipError {
    let error = match error {
        CallError::CutOff(_) => ControlError::OutcomeUnknown,
        CallError::Refused(_) | CallError::Unreachable(_) => ControlError::Unavailable,
        CallError::Control(error) => error,
    };
    match error {
        ControlError::NotLeader { leader } => MembershipError::NotLeader { leader },
        ControlError::Unavailable => MembershipError::NotLeader { leader: None },
        ControlError::Overloaded => ProposeError::Overloaded { retry_after: RETRY_AFTER }.into(),
        ControlError::DiskFull => ProposeError::DiskFull.into(),
        ControlError::Contested => ProposeError::Contested.into(),
        ControlError::BadRequest => ProposeError::NotUnderstood.into(),
        ControlError::OutcomeUnknown => ProposeError::OutcomeUnknown.into(),
    }
}
