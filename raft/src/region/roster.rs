//! Keeps the peer port's list of nodes, by which it knows whom to believe, in step with state and membership.

use crate::network::header::Roster;
use crate::region::handle::Shared;
use crate::type_config::NodeId;
use futures::future::{Either, select};
use openraft::async_runtime::WatchReceiver as _;
use regent_core::id::Id;
use regent_core::model::member::Standing;
use std::pin::pin;
use std::sync::Arc;

/// Keeps what this node knows of its peers in step with the state and the membership.
pub(crate) async fn know_peers(shared: Arc<Shared>) {
    let mut progress = shared.publisher.progress();
    let mut metrics = shared.raft.server_metrics();
    let members = || shared.publisher.load().state.tables().members.clone();
    loop {
        let learnt = members();
        learn_roster(&shared);
        // Nearly every batch that is applied leaves the members alone.
        let applied = async {
            let others = progress.wait_for(|_| !members().is_same(&learnt)).await;
            others.map(drop)
        };
        let (applied, heard) = (pin!(applied), pin!(metrics.changed()));
        match select(applied, heard).await {
            Either::Left((Ok(()), _)) | Either::Right((Ok(()), _)) => {}
            Either::Left((Err(_), _)) | Either::Right((Err(_), _)) => return,
        }
    }
}

/// Brings the list up to date, and forgets what was known of nodes that are not on it.
pub(crate) fn learn_roster(shared: &Shared) {
    let roster = roster_of(shared);
    if roster == shared.calls.admission.load().roster {
        return;
    }
    shared.contacts.retain(|node| roster.knows(node));
    shared.calls.channels.retain(|node| roster.knows(node));
    shared.calls.admission.rcu(|admission| admission.with_roster(roster.clone()));
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
