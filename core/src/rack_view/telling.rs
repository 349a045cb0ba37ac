//! What a rack is to be told: everything, what is touched, or what it has missed.

use crate::change::Operation;
use crate::id::{NodeId, VlanId};
use crate::object::{Key, Kind, TableKey as _};
use crate::rack_view::change::ViewChange;
use crate::rack_view::follow::touched;
use crate::rack_view::hosts::{clients_of_node, host_of, hosts_of};
use crate::rack_view::leases::{lease_view, leases_of};
use crate::rack_view::network::vlan_of_site;
use crate::rack_view::served::{serving, vlans_of};
use crate::rack_view::site::Site;
use crate::rack_view::touched::{Extent, Touched, VlanTouched};
use crate::revision::Revision;
use crate::state::State;
use std::cell::LazyCell;
use std::collections::BTreeSet;

/// Changes since a rack's view that are looked through for what it has missed; behind more it is told everything.
pub const MISSED_CHANGES_MAX: usize = 4096;
/// Kinds that may have taken hosts, leases or VLANs away when they changed or went.
const TAKING_AWAY: [Kind; 6] = [
    Kind::Vlan,
    Kind::Subnet,
    Kind::ReservedIp,
    Kind::StaticIpAddress,
    Kind::Interface,
    Kind::DhcpSnippet,
];

/// Everything that concerns a rack.
#[must_use]
pub fn whole(state: &State, rack: NodeId) -> ViewChange {
    let mut change = ViewChange { whole: true, ..empty(state) };
    let site = Site::of(state);
    for vlan in vlans_of(state, rack) {
        tell(state, rack, vlan, &site, &mut change);
    }
    change
}

/// What is different for a rack that has been told of these VLANs, as the state is now.
#[must_use]
pub fn difference(
    state: &State,
    rack: NodeId,
    told: &BTreeSet<VlanId>,
    touched: &Touched,
) -> ViewChange {
    if touched.all == Some(Extent::Whole) {
        return whole(state, rack);
    }
    let mut change = empty(state);
    let site = LazyCell::new(|| Site::of(state));
    let mut concerned: BTreeSet<VlanId> = touched.vlans.keys().copied().collect();
    if touched.all.is_some() {
        concerned.extend(told);
        concerned.extend(vlans_of(state, rack));
    }
    for vlan in concerned {
        let of_vlan = touched.vlans.get(&vlan);
        let extent = touched.all.max(of_vlan.and_then(|touched| touched.extent));
        match (told.contains(&vlan), serving(state, rack, vlan).is_some()) {
            (false, false) => {}
            (true, false) => change.removed.push(vlan),
            (false, true) => tell(state, rack, vlan, &site, &mut change),
            (true, true) if extent == Some(Extent::Whole) => {
                change.removed.push(vlan);
                tell(state, rack, vlan, &site, &mut change);
            }
            (true, true) => {
                let configuration = extent.and_then(|_| vlan_of_site(state, rack, vlan, &site));
                change.vlans.extend(configuration);
                add_single(state, vlan, of_vlan, &mut change);
            }
        }
    }
    change
}

/// What a rack has missed whose view is of this epoch and revision; none if it has to be told everything.
///
/// The state tells what came since, not what went: where hosts, subnets or VLANs may have been taken away, it is everything.
#[must_use]
pub fn missed(state: &State, rack: NodeId, epoch: u64, revision: Revision) -> Option<ViewChange> {
    let meta = state.meta();
    if epoch != meta.epoch || revision < meta.ring_floor || revision > meta.revision {
        return None;
    }
    let next = Revision(revision.0 + 1);
    let revisions = state.tables().changes.range(next..);
    let mut missed = Touched::all(Extent::Configuration);
    for (looked_at, change) in revisions.flat_map(|(_, row)| &row.value.changes).enumerate() {
        if looked_at >= MISSED_CHANGES_MAX {
            return None;
        }
        let kind = change.object.kind;
        missed.merge(match change.operation {
            Operation::Update if kind == Kind::Node => named_anew(state, &change.object.key),
            Operation::Update | Operation::Delete if TAKING_AWAY.contains(&kind) => return None,
            Operation::Create | Operation::Update | Operation::Delete => {
                touched(state, state, change)
            }
        });
    }
    Some(difference(state, rack, &vlans_of(state, rack), &missed))
}

fn named_anew(state: &State, node: &Key) -> Touched {
    let clients = NodeId::from_key(node).map(|node| clients_of_node(state, node));
    Touched::hosts(clients.into_iter().flatten())
}

fn empty(state: &State) -> ViewChange {
    let meta = state.meta();
    ViewChange { epoch: meta.epoch, revision: meta.revision.0, ..ViewChange::default() }
}

/// Tells everything of a VLAN.
fn tell(state: &State, rack: NodeId, vlan: VlanId, site: &Site, change: &mut ViewChange) {
    change.vlans.extend(vlan_of_site(state, rack, vlan, site));
    let hosts = hosts_of(state, vlan).into_iter();
    change.hosts.extend(hosts.map(|(client, host)| (vlan, client, Some(host))));
    let leases = leases_of(state, vlan);
    change.leases.extend(leases.map(|(address, lease)| (vlan, address, Some(lease))));
}

/// Tells of single hosts and leases.
fn add_single(state: &State, vlan: VlanId, touched: Option<&VlanTouched>, change: &mut ViewChange) {
    let Some(VlanTouched { hosts, leases, .. }) = touched else { return };
    let hosts = hosts.iter().map(|it| (vlan, it.clone(), host_of(state, vlan, it)));
    change.hosts.extend(hosts);
    change.leases.extend(leases.iter().map(|it| (vlan, *it, lease_view(state, *it))));
}
