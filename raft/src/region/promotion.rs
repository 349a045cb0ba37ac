//! Who becomes a voter by itself: learners that keep up, never so that the group is left with an even number (DESIGN D20).

use crate::region::handle::{Region, Shared};
use crate::region::message::GroupChange;
use crate::runtime::elapsed;
use crate::type_config::NodeId;
use openraft::async_runtime::WatchReceiver as _;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use tokio::time::interval;

/// How often learners are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

impl Region {
    /// As leader, promotes learners until the group has the voters it wants.
    pub(crate) async fn promote_learners(self) {
        let mut look = interval(LOOK_EVERY);
        let mut ready_since = BTreeMap::new();
        loop {
            look.tick().await;
            let ready = self.shared.learners_that_keep_up();
            ready_since.retain(|node, _| ready.contains(node));
            for node in ready {
                ready_since.entry(node).or_insert_with(elapsed::now);
            }
            let chosen = self.shared.to_promote(&ready_since);
            if chosen.is_empty() {
                continue;
            }
            let change = GroupChange::Promote { learners: chosen.clone(), forced: false };
            match self.lead_change(change).await {
                Ok(()) => tracing::info!(nodes = ?chosen, "learners became voters"),
                Err(error) => tracing::warn!(%error, nodes = ?chosen, "learners were not promoted"),
            }
        }
    }
}

impl Shared {
    /// Who becomes a voter now: never so that the group is left with an even number, one change at a time.
    fn to_promote(&self, ready_since: &BTreeMap<NodeId, Instant>) -> BTreeSet<NodeId> {
        let metrics = self.raft.server_metrics();
        let metrics = metrics.borrow_watched();
        let membership = metrics.membership_config.membership();
        let in_flight = metrics.membership_config != metrics.committed_membership_config
            || membership.get_joint_config().len() > 1;
        let voters: Vec<NodeId> = membership.voter_ids().collect();
        if in_flight || !voters.iter().all(|voter| self.is_healthy(*voter)) {
            return BTreeSet::new();
        }
        let room = self.config.voters_wanted.saturating_sub(voters.len());
        let ripe = ready_since
            .iter()
            .filter(|(_, since)| elapsed::since(**since) >= self.config.promote_after);
        let ripe: Vec<NodeId> = ripe.map(|(node, _)| *node).take(room).collect();
        let keep = if (voters.len() + ripe.len()) % 2 == 1 {
            ripe.len()
        } else {
            ripe.len().saturating_sub(1)
        };
        ripe.into_iter().take(keep).collect()
    }
}
