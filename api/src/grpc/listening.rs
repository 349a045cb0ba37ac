//! Listening for a DHCP server that is replaced: while addresses are closed because it may still give them, a rack that sees
//! the VLAN looks for it every minute. What is heard comes into the log like any sighting, which puts the end off.
//!
//! The leader's node alone has racks look. Nothing of it is kept: a new leader begins anew. No safety rests on it: a server
//! that does not answer is not heard.

use crate::grpc::node::RackNode;
use crate::rack_board::Everyone;
use crate::rack_board::seen::link_on;
use regent_core::id::{NodeId, VlanId};
use regent_core::model::subnet::Subnet;
use regent_core::model::vlan::Vlan;
use regent_core::query::cut_over::is_served;
use regent_core::state::State;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How often a VLAN is listened to.
const EVERY: Duration = Duration::from_secs(60);
/// What a rack gets to look and to tell, whichever node it is connected to: it looks for three seconds.
const LOOK_TIME: Duration = Duration::from_secs(8);
/// Looks at a time: fewer than a node may wish for, so that there is room for those people wait for.
const LOOKS_MAX: usize = 4;

/// When each VLAN was listened to, and how often.
#[derive(Debug)]
pub struct Listening {
    turns: BTreeMap<VlanId, (Instant, usize)>,
    room: Arc<Semaphore>,
}

impl Default for Listening {
    fn default() -> Self {
        Self { turns: BTreeMap::new(), room: Arc::new(Semaphore::new(LOOKS_MAX)) }
    }
}

impl Listening {
    /// Has racks look where it is time to.
    pub fn go_round(&mut self, node: &RackNode) {
        if !node.region.leadership().is_leader {
            self.turns.clear();
            return;
        }
        let (published, everyone) = (node.region.published(), node.shared.board.everyone());
        let awaited = awaited(&published.state);
        self.turns.retain(|vlan, _| awaited.contains(vlan));
        for (vlan, turn) in self.due(awaited) {
            let Some(of) = onlooker(&published.state, &everyone, vlan, turn) else { continue };
            let Ok(room) = Arc::clone(&self.room).try_acquire_owned() else { return };
            self.turns.insert(vlan, (Instant::now(), turn + 1));
            node.shared.tasks.spawn(listen(node.clone(), of, room));
        }
    }

    /// The VLANs whose time has come, the one that waits longest first, and how many turns each had.
    fn due(&self, awaited: BTreeSet<VlanId>) -> Vec<(VlanId, usize)> {
        let turns = awaited.into_iter().map(|vlan| (self.turns.get(&vlan).copied(), vlan));
        let mut due: Vec<_> = turns
            .filter(|(turn, _)| turn.is_none_or(|(last, _)| last.elapsed() >= EVERY))
            .collect();
        due.sort_unstable();
        due.into_iter().map(|(turn, vlan)| (vlan, turn.map_or(0, |(_, count)| count))).collect()
    }
}

/// The VLANs on which a server puts off that closed addresses open: those that racks of ours serve, and where their relays
/// lead.
fn awaited(state: &State) -> BTreeSet<VlanId> {
    let subnets = state.tables().cut_overs.iter();
    let vlans = subnets.filter_map(|(subnet, _)| Some(state.get::<Subnet>(subnet)?.value.vlan));
    let served: BTreeSet<VlanId> = vlans.filter(|vlan| is_served(state, *vlan)).collect();
    let relay = |vlan: &VlanId| state.get::<Vlan>(vlan).and_then(|row| row.value.relay_vlan);
    let relays: Vec<VlanId> = served.iter().filter_map(relay).collect();
    served.into_iter().chain(relays).collect()
}

/// A connected rack with an address on the VLAN; another one each turn, since one may be unable to look.
fn onlooker(
    state: &State,
    everyone: &Everyone,
    vlan: VlanId,
    turn: usize,
) -> Option<(NodeId, VlanId, Ipv4Addr)> {
    let connected = everyone.racks.iter().filter(|(_, (_, status))| status.connected);
    let racks: Vec<_> = connected
        .filter_map(|(rack, (_, status))| Some((*rack, vlan, link_on(state, status, vlan)?)))
        .collect();
    racks.get(turn.checked_rem(racks.len())?).copied()
}

/// Wishes for a look until it has come to something. The rack's node writes down who was heard.
async fn listen(node: RackNode, of: (NodeId, VlanId, Ipv4Addr), room: OwnedSemaphorePermit) {
    let Some(look) = node.shared.board.look(node.region.identity().node_id, of) else { return };
    let mut everyone = node.shared.board.follow();
    let found = async {
        drop(everyone.wait_for(|everyone| everyone.findings.contains_key(&look.key)).await);
    };
    let stopping = node.shared.stopping.cancelled();
    tokio::select! {
        () = stopping => {}
        ended = timeout(LOOK_TIME, found) => if ended.is_err() {
            tracing::debug!(rack = of.0.0, vlan = of.1.0, "a rack did not tell whom it hears");
        },
    }
    drop(room);
}
