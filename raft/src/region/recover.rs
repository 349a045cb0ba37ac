//! What a starting node has, and whether that is enough: snapshots, log, and what a leader was told.

use crate::clock::Clock;
use crate::digest_check::DigestChecks;
use crate::error::{StartError, chain};
use crate::identity::Identity;
use crate::log_store::amnesia::{Amnesia, OpenError};
use crate::log_store::store::LogStore;
use crate::network::calls::{PeerAddress, PeerCalls};
use crate::region::message::Acquaintance;
use crate::state_machine::published::{Published, Publisher};
use crate::state_machine::snapshot_store::SnapshotStore;
use crate::state_machine::{FileWork, StateMachine};
use crate::type_config::{LogId, NodeId, StoredMembership, TypeConfig};
use bytes::Bytes;
use openraft::Raft;
use openraft::async_runtime::WatchReceiver as _;
use openraft::storage::RaftLogStorage as _;
use regent_core::codec;
use regent_core::state::State;
use regent_core::state::meta::Meta;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Folder of snapshots in a data directory.
const SNAPSHOT_FOLDER: &str = "snapshots";
/// What peers get to say what they know of a node that starts.
const HELLO_MAX: Duration = Duration::from_millis(300);

/// Opens the folder of snapshots.
pub(crate) fn open_snapshots(directory: &Path) -> Result<SnapshotStore, StartError> {
    SnapshotStore::open(directory.join(SNAPSHOT_FOLDER)).map_err(|source| StartError::Io {
        what: "the snapshot folder could not be opened",
        source,
    })
}

/// The state of the newest good snapshot, or that of a new cluster.
pub(crate) fn recover(
    identity: &Identity,
    snapshots: &SnapshotStore,
    (clock, checks, files): (Arc<dyn Clock>, Arc<DigestChecks>, FileWork),
) -> Result<(Arc<Publisher>, StateMachine), StartError> {
    let io = |source| StartError::Io { what: "snapshots could not be read", source };
    let recovered = snapshots.recover().map_err(io)?;
    for error in &recovered.damaged {
        tracing::error!(error = chain(error), "a snapshot is damaged and was passed over");
    }
    let (current, state) = match recovered.newest {
        Some((kept, state)) => (Some(kept), state),
        None => {
            (None, State::new(Meta { cluster_id: identity.cluster_id.clone(), ..Meta::default() }))
        }
    };
    let meta = current.as_ref().map(|kept| kept.meta.clone()).unwrap_or_default();
    let first = Published {
        applied: meta.last_log_id,
        membership: if current.is_some() {
            meta.last_membership
        } else {
            StoredMembership::default()
        },
        state,
        since_boot: clock.counting(),
    };
    let started = |source| StartError::Io { what: "a thread could not be started", source };
    let publisher = Publisher::start(first).map_err(started)?;
    let state_machine =
        StateMachine::new(Arc::clone(&publisher), snapshots.clone(), current, clock, checks, files);
    Ok((publisher, state_machine))
}

/// Refuses a log whose beginning was purged behind snapshots that can no longer be read: the state they held is gone.
/// Tells the last entry there is.
pub(crate) async fn refuse_gap(
    log: &mut LogStore,
    publisher: &Publisher,
) -> Result<u64, StartError> {
    let io = |source| StartError::Io { what: "the log could not be read", source };
    let state = log.get_log_state().await.map_err(io)?;
    let index = |id: Option<LogId>| id.map_or(0, |id| id.index);
    let (purged, covered) = (index(state.last_purged_log_id), publisher.load().applied_index());
    if covered >= purged {
        return Ok(index(state.last_log_id).max(covered));
    }
    let reason = Amnesia::SnapshotsLost { purged, covered };
    Err(StartError::Open(OpenError::Amnesia { reason }))
}

/// Refuses a log that lacks what this node has acknowledged to the present leader, or the vote it gave itself: the last
/// line against a disk that lost its end unnoticed. Peers that do not answer are asked once more, and not waited for.
pub(crate) async fn refuse_if_known_better(
    raft: &Raft<TypeConfig, StateMachine>,
    calls: &PeerCalls,
    own: NodeId,
    last: u64,
) -> Result<(), StartError> {
    let (membership, term) = {
        let metrics = raft.metrics();
        let metrics = metrics.borrow_watched();
        (metrics.membership_config.membership().clone(), metrics.vote.leader_id.term)
    };
    let others = membership.nodes().filter(|(node, _)| **node != own);
    let answers = others.map(|(node, place)| async move {
        let peer = PeerAddress { node: *node, address: place.peer.clone() };
        match introduced(calls, &peer).await {
            Some(known) => Some(known),
            None => introduced(calls, &peer).await,
        }
    });
    let held = Held { own, term, last };
    let answers = futures::future::join_all(answers).await;
    match answers.iter().flatten().find_map(|known| held.falls_short_of(known)) {
        Some(reason) => Err(StartError::Open(OpenError::Amnesia { reason })),
        None => Ok(()),
    }
}

async fn introduced(calls: &PeerCalls, peer: &PeerAddress) -> Option<Acquaintance> {
    let introduction = calls.hello(peer, Bytes::new(), HELLO_MAX).await.ok()?;
    codec::open(&introduction.hello).ok()
}

/// What a starting node has.
#[derive(Clone, Copy, Debug)]
struct Held {
    own: NodeId,
    /// The term of its last vote.
    term: u64,
    /// Its last entry.
    last: u64,
}

impl Held {
    /// What a peer knows of this node that this node does not know any more.
    fn falls_short_of(self, known: &Acquaintance) -> Option<Amnesia> {
        let Self { own, term, last } = self;
        // A candidate writes down its own vote before it asks for others'.
        if known.voted_for == own && known.term > term {
            return Some(Amnesia::VoteForgotten { known: known.term, held: term });
        }
        // Whoever is behind this node's term leads no more, and what it was told may have been replaced since.
        let acknowledged = known.acknowledged.filter(|_| known.term >= term)?;
        (acknowledged > last).then_some(Amnesia::KnownBetter { acknowledged, last })
    }
}

#[cfg(test)]
mod tests {
    use super::Held;
    use crate::log_store::amnesia::Amnesia;
    use crate::region::message::Acquaintance;

    const HELD: Held = Held { own: 2, term: 5, last: 90 };

    fn known(term: u64, voted_for: u64, acknowledged: Option<u64>) -> Acquaintance {
        Acquaintance { term, voted_for, acknowledged }
    }

    #[test]
    fn leader_that_was_told_more_than_there_is_proves_a_loss() {
        let reason = HELD.falls_short_of(&known(5, 1, Some(91)));
        assert!(matches!(reason, Some(Amnesia::KnownBetter { acknowledged: 91, last: 90 })));
        assert!(HELD.falls_short_of(&known(5, 1, Some(90))).is_none());
    }

    #[test]
    fn former_leader_proves_nothing() {
        assert!(HELD.falls_short_of(&known(4, 1, Some(95))).is_none());
    }

    #[test]
    fn voter_that_was_asked_for_its_vote_in_a_term_this_node_does_not_know_proves_a_loss() {
        let reason = HELD.falls_short_of(&known(6, 2, None));
        assert!(matches!(reason, Some(Amnesia::VoteForgotten { known: 6, held: 5 })));
        assert!(HELD.falls_short_of(&known(6, 3, None)).is_none(), "it voted for another");
        assert!(HELD.falls_short_of(&known(5, 2, None)).is_none(), "that vote is known");
    }
}
