//! What a node does by itself: promote learners, let time pass, purge the log, know its peers, notice its failure.

use crate::log_store::reserve::disk_free;
use crate::network::header::Roster;
use crate::region::exclude::{ask_whether_removed, leave_when_diverged, leave_when_removed};
use crate::region::handle::{Region, Shared};
use crate::type_config::{NodeId, RegionNode};
use bytes::Bytes;
use futures::future::{Either, select};
use openraft::async_runtime::WatchReceiver as _;
use regent_core::codec;
use regent_core::command::{Command, Request};
use regent_core::id::Id;
use regent_core::model::member::Standing;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::time::interval;

/// How often learners and deadlines are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How often free disk space is looked at.
const DISK_EVERY: Duration = Duration::from_secs(1);
/// A learner that lags no more than this may become a voter.
const PROMOTE_LAG_ENTRIES: u64 = 1000;
/// No more than one tick in this time.
const TICK_EVERY_MIN: Duration = Duration::from_secs(1);
/// At least one tick in this time.
const TICK_EVERY_MAX: Duration = Duration::from_secs(60);
/// What a tick may take.
const TICK_MAX: Duration = Duration::from_secs(2);

impl Region {
    /// Starts everything that goes on until the node stops. `own` is the node as it is reached now.
    pub(crate) fn start_upkeep(&self, own: RegionNode) {
        let shared = &self.shared;
        shared.keep_up(self.clone().announce(own));
        shared.keep_up(self.clone().promote_learners());
        shared.keep_up(tick(Arc::clone(shared)));
        shared.keep_up(purge(Arc::clone(shared)));
        shared.keep_up(know_peers(Arc::clone(shared)));
        shared.keep_up(self.clone().mind_the_disk());
        shared.keep_up(self.clone().compare_digests());
        shared.keep_up(leave_when_diverged(Arc::clone(shared)));
        shared.keep_up(leave_when_removed(Arc::clone(shared)));
        shared.keep_up(ask_whether_removed(Arc::clone(shared)));
        shared.tasks.spawn_on(notice_failure(Arc::clone(shared)), &shared.runtime);
    }

    async fn promote_learners(self) {
        let mut look = interval(LOOK_EVERY);
        let mut ready_since = BTreeMap::new();
        loop {
            look.tick().await;
            let ready = self.shared.learners_that_keep_up();
            ready_since.retain(|node, _| ready.contains(node));
            for node in ready {
                ready_since.entry(node).or_insert_with(Instant::now);
            }
            let chosen = self.shared.to_promote(&ready_since);
            if chosen.is_empty() {
                continue;
            }
            match self.promote(chosen.clone()).await {
                Ok(()) => tracing::info!(nodes = ?chosen, "learners became voters"),
                Err(error) => tracing::warn!(%error, nodes = ?chosen, "learners were not promoted"),
            }
        }
    }
}

impl Region {
    /// Takes no more writes when the disk is nearly full, and lets another lead whose disk is not.
    async fn mind_the_disk(self) {
        let mut look = interval(DISK_EVERY);
        loop {
            look.tick().await;
            let full = match disk_free(self.shared.data_dir.path()) {
                Ok(space) => self.shared.config.disk.nearly_full(space),
                Err(error) => {
                    tracing::warn!(%error, "free disk space could not be read");
                    continue;
                }
            };
            if self.shared.disk_full.swap(full, Ordering::Relaxed) != full {
                tracing::warn!(full, "the disk went over, or back under, its limit");
            }
            if !full || !self.leadership().is_leader {
                continue;
            }
            if let Err(error) = self.hand_over().await {
                tracing::warn!(%error, "nobody took over from this node, whose disk is nearly full");
            }
        }
    }
}

impl Shared {
    fn learners_that_keep_up(&self) -> BTreeSet<NodeId> {
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
        let ripe =
            ready_since.iter().filter(|(_, since)| since.elapsed() >= self.config.promote_after);
        let ripe: Vec<NodeId> = ripe.map(|(node, _)| *node).take(room).collect();
        let keep = if (voters.len() + ripe.len()) % 2 == 1 {
            ripe.len()
        } else {
            ripe.len().saturating_sub(1)
        };
        ripe.into_iter().take(keep).collect()
    }
}

impl Shared {
    /// Runs `work` until the node stops.
    fn keep_up(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stopping = self.stopping.clone();
        self.tasks.spawn_on(stopping.run_until_cancelled_owned(work), &self.runtime);
    }
}

/// Lets cluster time pass when nothing else does: deadlines are met, and the clock does not stand still.
async fn tick(shared: Arc<Shared>) {
    let mut look = interval(TICK_EVERY_MIN);
    let mut last = Instant::now();
    loop {
        look.tick().await;
        if !shared.leadership().is_leader {
            last = Instant::now();
            continue;
        }
        if last.elapsed() < TICK_EVERY_MAX && !shared.deadline_is_due() {
            continue;
        }
        let request = Request {
            principal: format!("node:{}", shared.identity.name),
            origin: None,
            key: None,
            guards: Vec::new(),
            command: Command::Tick,
        };
        last = Instant::now();
        let bytes = Bytes::from(codec::seal(&request));
        // A tick that is lost is made up by the next.
        drop(shared.submit(bytes, Instant::now() + TICK_MAX).await);
    }
}

impl Shared {
    fn deadline_is_due(&self) -> bool {
        let published = self.publisher.load();
        let leadership = self.leadership();
        let now = self.leader_clock.stamp(
            leadership.term,
            published.applied_time(),
            self.clock.since_boot(),
        );
        published.state.indexes().deadlines.iter().next().is_some_and(|(due, _)| *due <= now)
    }
}

/// Purges the log behind the older of the two kept snapshots (DESIGN D8).
async fn purge(shared: Arc<Shared>) {
    let mut progress = shared.raft.watch_snapshot_progress();
    loop {
        if progress.changed().await.is_err() {
            return;
        }
        match shared.snapshots.prune() {
            Ok(Some(covered)) => {
                let upto = covered.saturating_sub(shared.config.entries_kept);
                if upto > 0 {
                    drop(shared.raft.trigger().purge_log(upto).await);
                }
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "old snapshots could not be removed"),
        }
    }
}

/// Keeps what this node knows of its peers in step with the state and the membership.
async fn know_peers(shared: Arc<Shared>) {
    let mut progress = shared.publisher.progress();
    let mut metrics = shared.raft.server_metrics();
    let mut known = Roster::default();
    loop {
        let roster = roster_of(&shared);
        if roster != known {
            let mut admission = (**shared.calls.admission.load()).clone();
            admission.roster = roster.clone();
            shared.calls.admission.store(Arc::new(admission));
            known = roster;
        }
        let (applied, heard) = (pin!(progress.changed()), pin!(metrics.changed()));
        match select(applied, heard).await {
            Either::Left((Ok(()), _)) | Either::Right((Ok(()), _)) => {}
            Either::Left((Err(_), _)) | Either::Right((Err(_), _)) => return,
        }
    }
}

fn roster_of(shared: &Shared) -> Roster {
    let published = shared.publisher.load();
    let nodes = shared.known_nodes().into_iter();
    let addresses = nodes.map(|(id, node)| (id, node.peer)).collect();
    let mut roster = Roster { addresses, ..Roster::default() };
    for (id, row) in published.state.tables().members.iter() {
        let node = NodeId::from(id.number());
        match row.value.standing {
            Standing::Present => drop(roster.stores.insert(node, row.value.store.clone())),
            Standing::Removed => drop(roster.removed.insert(node)),
        }
    }
    roster
}

/// Stops the node when its Raft core has stopped: it can do nothing more that would be right.
async fn notice_failure(shared: Arc<Shared>) {
    let mut metrics = shared.raft.metrics();
    let stopping = shared.stopping.clone();
    loop {
        if let Err(fatal) = &metrics.borrow_and_update().running_state {
            if !stopping.is_cancelled() {
                tracing::error!(%fatal, "Raft stopped, so this node stops");
            }
            stopping.cancel();
            return;
        }
        match stopping.run_until_cancelled(metrics.changed()).await {
            Some(Ok(())) => {}
            Some(Err(_)) | None => return stopping.cancel(),
        }
    }
}
