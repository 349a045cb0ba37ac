//! One change of the group at a time, carried through even if nobody waits for it any more (DESIGN D20).
//!
//! openraft makes a change of voters with two entries, a joint configuration and then a uniform one, and proposes both
//! from its caller's future. So each change is a task of the node, and what a lost leader left joint, the next one ends.

use crate::error::MembershipError;
use crate::region::handle::{Region, Shared};
use crate::runtime::elapsed;
use crate::type_config::{NodeId, RegionNode, TypeConfig};
use openraft::ChangeMembers;
use openraft::async_runtime::WatchReceiver as _;
use openraft::errors::{ChangeMembershipError, ClientWriteError, RaftError};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{interval, sleep, timeout_at};

/// What a change of membership may take.
pub(crate) const CHANGE_MAX: Duration = Duration::from_secs(10);
/// Pause before a change is tried again that met another.
const CHANGE_PAUSE: Duration = Duration::from_millis(50);
/// How often a leader looks for a change that another one left half-way.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// A voter that ceases to be one leaves the group: nothing makes a voter a learner again.
const KEEPS_FORMER_VOTERS: bool = false;

/// A change as openraft takes it.
pub(crate) type Change = ChangeMembers<NodeId, RegionNode>;
type ChangeError = RaftError<TypeConfig, ClientWriteError<TypeConfig>>;

impl Region {
    /// Runs `work` as a task of the node, which goes on when whoever asked for it has gone.
    pub(crate) async fn see_through<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, MembershipError>> + Send + 'static,
    ) -> Result<T, MembershipError> {
        let task = self.shared.tasks.spawn(work);
        task.await.unwrap_or_else(|gone| Err(MembershipError::Refused(gone.to_string())))
    }

    /// As leader, ends what another leader, or a change that ran out of time, left joint, or out of the group but on record.
    pub(crate) async fn finish_changes(self) {
        let mut look = interval(LOOK_EVERY);
        loop {
            look.tick().await;
            self.finish_removals().await;
            if !self.leadership().is_leader || !self.shared.is_left_joint() {
                continue;
            }
            // A change that adds nobody ends the joint configuration that is there.
            let nobody = |shared: &Shared| {
                let adds_nobody = ChangeMembers::AddVoterIds(BTreeSet::new());
                Ok(shared.is_left_joint().then_some(adds_nobody))
            };
            match self.shared.change(nobody).await {
                Ok(()) => tracing::info!("ended a change of membership that was left half-way"),
                Err(error) => tracing::warn!(%error, "a half-made change of membership remains"),
            }
        }
    }
}

impl Shared {
    /// Makes the change that `plan` works out from the membership as it is when its turn has come; `None` is none.
    pub(crate) async fn change(
        &self,
        plan: impl Fn(&Self) -> Result<Option<Change>, MembershipError>,
    ) -> Result<(), MembershipError> {
        let deadline = elapsed::now() + CHANGE_MAX;
        let turn = timeout_at(deadline.into(), self.changing.lock());
        let _turn = turn.await.map_err(|_| late())?;
        loop {
            let Some(change) = plan(self)? else { return Ok(()) };
            let attempt = self.raft.change_membership(change, KEEPS_FORMER_VOTERS);
            match timeout_at(deadline.into(), attempt).await {
                Ok(Ok(_)) => return Ok(()),
                Ok(Err(error)) if is_in_progress(&error) => {}
                Ok(Err(error)) => return Err(refused(error)),
                Err(_) => return Err(late()),
            }
            if elapsed::now() + CHANGE_PAUSE > deadline {
                return Err(late());
            }
            sleep(CHANGE_PAUSE).await;
        }
    }

    fn is_left_joint(&self) -> bool {
        let metrics = self.raft.server_metrics();
        let metrics = metrics.borrow_watched();
        metrics.membership_config == metrics.committed_membership_config
            && metrics.membership_config.membership().get_joint_config().len() > 1
    }
}

fn is_in_progress(error: &ChangeError) -> bool {
    matches!(
        error,
        RaftError::APIError(ClientWriteError::ChangeMembershipError(
            ChangeMembershipError::InProgress(_)
        ))
    )
}

fn refused(error: ChangeError) -> MembershipError {
    match error {
        RaftError::APIError(ClientWriteError::ForwardToLeader(to)) => {
            MembershipError::NotLeader { leader: to.leader_id }
        }
        error @ (RaftError::APIError(_) | RaftError::Fatal(_)) => {
            MembershipError::Refused(error.to_string())
        }
    }
}

fn late() -> MembershipError {
    MembershipError::Refused("it was not committed in time".into())
}
