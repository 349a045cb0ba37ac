//! The handle to a running region node, and what all its parts share.

use crate::clock::{Clock, LeaderClock};
use crate::config::RaftConfig;
use crate::digest_check::DigestChecks;
use crate::exclusion::Exclusion;
use crate::identity::{DataDir, Identity};
use crate::log_store::figures::SharedFigures;
use crate::log_store::gauge::LogGauge;
use crate::log_store::reserve::ReserveSize;
use crate::network::calls::{PeerAddress, PeerCalls};
use crate::network::contact::Contacts;
use crate::network::majority::Majority;
use crate::region::message::Acquaintance;
use crate::region::notes::Notes;
use crate::region::session_pool::SessionPool;
use crate::runtime::tasks::Tasks;
use crate::state_machine::StateMachine;
use crate::state_machine::published::{Progress, Published, Publisher};
use crate::state_machine::snapshot_store::SnapshotStore;
use crate::type_config::{NodeId, RegionNode, TypeConfig};
use openraft::Raft;
use openraft::async_runtime::WatchReceiver as _;
use openraft::vote::leader_id_std::LeaderId;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

/// A running node of the region. Clones are the same node.
#[derive(Clone)]
pub struct Region {
    pub(crate) shared: Arc<Shared>,
}

/// What the parts of a node share.
pub(crate) struct Shared {
    pub(crate) identity: Identity,
    pub(crate) config: RaftConfig,
    pub(crate) raft: Raft<TypeConfig, StateMachine>,
    pub(crate) publisher: Arc<Publisher>,
    pub(crate) snapshots: SnapshotStore,
    pub(crate) log_figures: Arc<SharedFigures>,
    pub(crate) leader_changes: AtomicU64,
    pub(crate) log: LogGauge,
    pub(crate) calls: PeerCalls,
    pub(crate) contacts: Contacts,
    pub(crate) followers: Majority,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) leader_clock: LeaderClock,
    pub(crate) sessions: Arc<SessionPool>,
    pub(crate) checks: Arc<DigestChecks>,
    /// What nodes tell each other each second.
    pub(crate) notes: Notes,
    /// Set once the node learns that it may not go on.
    pub(crate) excluded: OnceLock<Exclusion>,
    /// Whether the disk is so full that nothing more is proposed.
    pub(crate) disk_full: AtomicBool,
    /// Room the log keeps for a full disk.
    pub(crate) reserve: ReserveSize,
    /// Held while a session is being opened, so that a burst of writes opens one.
    pub(crate) opening: tokio::sync::Mutex<()>,
    /// Held while the group is being changed: one change at a time.
    pub(crate) changing: tokio::sync::Mutex<()>,
    /// Held from the first to the last step of giving a node its place or taking it away, of which each is record and
    /// membership: half of the one and half of the other would leave a node that is only one of the two.
    pub(crate) placing: tokio::sync::Mutex<()>,
    /// KiB of writes this node, as leader, may have on their way through the log.
    pub(crate) proposing: Semaphore,
    pub(crate) started: Instant,
    pub(crate) stopping: CancellationToken,
    pub(crate) tasks: Tasks,
    /// Held so that no second process opens the directory.
    pub(crate) data_dir: DataDir,
}

/// Where this node stands in the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leadership {
    /// Raft term.
    pub term: u64,
    /// The leader, as far as this node knows.
    pub leader: Option<NodeId>,
    /// Whether that is this node.
    pub is_leader: bool,
}

impl Region {
    /// Who this node is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.shared.identity
    }

    /// The state this node has applied.
    #[must_use]
    pub fn published(&self) -> Arc<Published> {
        self.shared.publisher.load()
    }

    /// Follows what this node applies.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.shared.publisher.progress()
    }

    /// Where this node stands.
    #[must_use]
    pub fn leadership(&self) -> Leadership {
        self.shared.leadership()
    }

    /// Since a majority last followed the leader, as far as that one could tell this node, or since a majority last followed
    /// it if it leads itself. `None` without a leader. Says nothing of how far behind that leader this node is.
    #[must_use]
    pub fn last_contact(&self) -> Option<Duration> {
        self.shared.last_contact()
    }

    /// How old what this node has applied may be: so long ago there was nothing committed that is not in it. `None` if this
    /// node cannot tell, as after its start.
    #[must_use]
    pub fn state_age(&self) -> Option<Duration> {
        self.shared.state_age()
    }

    /// Log index up to which this node has purged.
    #[must_use]
    pub fn purged_index(&self) -> u64 {
        let metrics = self.shared.raft.data_metrics();
        let metrics = metrics.borrow_watched();
        metrics.purged.map_or(0, |purged| purged.index)
    }

    /// Why this node may not go on, once it knows.
    #[must_use]
    pub fn exclusion(&self) -> Option<Exclusion> {
        self.shared.excluded.get().copied()
    }

    /// Whether the replicas are known to differ with none in the majority: then nothing is written.
    #[must_use]
    pub fn is_contested(&self) -> bool {
        self.shared.is_contested()
    }

    /// Ends when the node is stopping, on purpose or by failure.
    #[must_use]
    pub fn stopping(&self) -> &CancellationToken {
        &self.shared.stopping
    }
}

impl Shared {
    /// Whether the replicas are known to differ with none in the majority. The state says so: that outlives every restart.
    pub(crate) fn is_contested(&self) -> bool {
        self.publisher.load().state.meta().contested.is_some()
    }

    pub(crate) fn leadership(&self) -> Leadership {
        let metrics = self.raft.server_metrics();
        let metrics = metrics.borrow_watched();
        let leader = metrics.current_leader;
        let is_leader = leader == Some(self.identity.node_id) && metrics.state.is_leader();
        Leadership { term: metrics.vote.leader_id.term, leader, is_leader }
    }

    pub(crate) fn last_contact(&self) -> Option<Duration> {
        let leadership = self.leadership();
        if leadership.is_leader {
            return self.followers.age();
        }
        self.contacts.led_age(leadership.leader?)
    }

    pub(crate) fn state_age(&self) -> Option<Duration> {
        if self.has_applied_its_term() {
            return self.followers.age();
        }
        self.contacts.fresh_age(self.publisher.load().applied_index())
    }

    /// Whether this node leads and has applied its term's first entry, and so all that came before it.
    pub(crate) fn has_applied_its_term(&self) -> bool {
        self.followers.applied().is_some()
    }

    /// What this node knows of another: what it has acknowledged, if this one leads, and whom this one voted for.
    pub(crate) fn acquaintance_of(&self, node: NodeId) -> Acquaintance {
        let metrics = self.raft.metrics();
        let metrics = metrics.borrow_watched();
        let matched = metrics.replication.as_ref().and_then(|matched| matched.get(&node)?.as_ref());
        let LeaderId { term, voted_for } = metrics.vote.leader_id;
        Acquaintance { term, voted_for, acknowledged: matched.map(|log_id| log_id.index) }
    }

    /// Where a member's peer port is.
    pub(crate) fn peer_address(&self, node: NodeId) -> Option<PeerAddress> {
        let metrics = self.raft.server_metrics();
        let metrics = metrics.borrow_watched();
        let address = metrics.membership_config.membership().get_node(&node)?.peer.clone();
        Some(PeerAddress { node, address })
    }

    /// The membership as this node's log has it, applied or not.
    pub(crate) fn membership(&self) -> openraft::Membership<NodeId, RegionNode> {
        self.raft.server_metrics().borrow_watched().membership_config.membership().clone()
    }

    /// All members as this node's log has them, applied or not: a node that just joined, or one that moved, must be
    /// reached before its entry can be committed.
    pub(crate) fn known_nodes(&self) -> BTreeMap<NodeId, RegionNode> {
        let metrics = self.raft.server_metrics();
        let metrics = metrics.borrow_watched();
        let nodes = metrics.membership_config.membership().nodes();
        nodes.map(|(id, node)| (*id, node.clone())).collect()
    }
}
