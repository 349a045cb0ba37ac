//! When a majority last followed this node, and so how old what it leads others with may be: a deposed leader that
//! still reaches a follower must not make it take its state for fresh (DESIGN D7). Decides nothing.

use crate::network::contact::Contacts;
use crate::state_machine::published::Publisher;
use crate::state_machine::snapshot_file::SnapshotFile;
use crate::type_config::{NodeId, TypeConfig};
use openraft::Raft;
use openraft::alias::InstantOf;
use openraft::async_runtime::{Instant as _, WatchReceiver as _};
use openraft::metrics::{RaftDataMetrics, RaftServerMetrics};
use openraft::storage::RaftStateMachine;
use openraft::type_config::alias::WatchReceiverOf;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// What a node, as leader, says of its own age. Empty until its Raft is there, since the transport is built before it.
pub type OwnAge = Arc<OnceLock<Majority>>;

/// One node and those that follow it. Keeps no Raft alive.
#[derive(Clone)]
pub struct Majority {
    node: NodeId,
    data: WatchReceiverOf<TypeConfig, RaftDataMetrics<TypeConfig>>,
    server: WatchReceiverOf<TypeConfig, RaftServerMetrics<TypeConfig>>,
    contacts: Contacts,
    publisher: Arc<Publisher>,
}

impl Majority {
    /// Those that follow this node.
    #[must_use]
    pub fn of<SM>(
        node: NodeId,
        raft: &Raft<TypeConfig, SM>,
        contacts: Contacts,
        publisher: Arc<Publisher>,
    ) -> Self
    where
        SM: RaftStateMachine<TypeConfig, SnapshotData = SnapshotFile>,
    {
        let (data, server) = (raft.data_metrics(), raft.server_metrics());
        Self { node, data, server, contacts, publisher }
    }

    /// How long ago a majority, as far as this leader knows, still followed it: from then on another may lead. `None`
    /// if it knows of no such moment.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        if self.is_alone() {
            return Some(Duration::ZERO);
        }
        let acknowledged = self.data.borrow_watched().last_quorum_acked;
        // Just elected, and not followed yet: its predecessor led it last.
        let since = |at: InstantOf<TypeConfig>| InstantOf::<TypeConfig>::now() - at;
        acknowledged.map_or_else(|| self.contacts.led_last(), |at| Some(since(at.into_inner())))
    }

    /// Index of the last entry this node has applied, if it leads and has applied its term's first entry: before that it does
    /// not know all that its predecessors had committed.
    #[must_use]
    pub fn applied(&self) -> Option<u64> {
        let (leads, term) = {
            let metrics = self.server.borrow_watched();
            let leads = metrics.current_leader == Some(self.node) && metrics.state.is_leader();
            (leads, metrics.vote.leader_id.term)
        };
        let published = self.publisher.load();
        (leads && published.applied_term() == Some(term)).then(|| published.applied_index())
    }

    /// Whether this node alone is the majority.
    fn is_alone(&self) -> bool {
        let metrics = self.server.borrow_watched();
        metrics.membership_config.membership().voter_ids().eq([self.node])
    }
}

impl fmt::Debug for Majority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Majority").field("node", &self.node).finish_non_exhaustive()
    }
}
