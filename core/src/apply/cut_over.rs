//! Keeps in step until when addresses are closed that another DHCP server may have given.

use crate::apply::draft::Draft;
use crate::id::{NodeId, SubnetId, VlanId};
use crate::model::cut_over::CutOver;
use crate::model::ip_range::IpRangeType;
use crate::model::lease::Lease;
use crate::model::node::Node;
use crate::model::subnet::Subnet;
use crate::model::vlan::Vlan;
use crate::net::address_range::AddressRange;
use crate::query::cut_over::{is_served, opens};
use crate::query::network::ranges;
use crate::state::State;
use crate::state::tables::Stored as _;
use crate::time::{Millis, WallTime};
use std::collections::{BTreeMap, BTreeSet};

/// For how long the servers of a site that was brought in may have promised what no lease tells of: as long as one of a pair
/// of dhcpd extends leases alone, which is longer than MAAS lets them be.
const UNTOLD_MILLIS: Millis = Millis::from_secs(3_600);

/// Closes the dynamic ranges of a subnet, as they are now, beside those that are closed already.
pub(in crate::apply) fn close(
    draft: &mut Draft,
    subnet: SubnetId,
    as_of: WallTime,
    longest: Millis,
) {
    let last = draft.state().get::<CutOver>(&subnet).map(|row| row.value.clone());
    let dynamic = ranges(draft.state(), subnet, IpRangeType::Dynamic);
    let bounds = dynamic.filter_map(|row| {
        let (start, end) = (row.value.start_ip, row.value.end_ip);
        AddressRange::new(start, end).ok()
    });
    // Several servers may have served it, and each goes on to count as long as they are closed.
    let longest = last.as_ref().map_or(longest, |last| last.longest.max(longest));
    let closed: BTreeSet<AddressRange> =
        last.iter().flat_map(|last| last.closed.iter().copied()).chain(bounds).collect();
    let cut_over = CutOver {
        as_of,
        longest,
        closed: closed.into_iter().collect(),
        imported: draft.now(),
        served_since: last.and_then(|last| last.served_since),
        looked_at: None,
    };
    put(draft, subnet, cut_over);
}

/// Another site was brought in: what it says of leases is that of its own DHCP servers.
pub(in crate::apply) fn start_anew(draft: &mut Draft) {
    let before = draft.state().tables().cut_overs.iter().map(|(subnet, _)| *subnet);
    for subnet in before.collect::<Vec<_>>() {
        draft.state_mut().take::<CutOver>(&subnet);
    }
    let mut longest: BTreeMap<SubnetId, Millis> = BTreeMap::new();
    for (_, row) in draft.state().tables().leases.iter() {
        let Lease { binding, subnet, .. } = &row.value;
        let promised = binding.expires.until(binding.foreign_until);
        if let Some(subnet) = subnet.filter(|_| promised > Millis(0)) {
            let most = longest.entry(subnet).or_default();
            *most = promised.max(*most);
        }
    }
    for subnet in given_from(draft.state()) {
        longest.entry(subnet).or_insert(UNTOLD_MILLIS);
    }
    for (subnet, longest) in longest {
        close(draft, subnet, WallTime::default(), longest);
    }
}

/// The subnets from which the servers of a site that was brought in give addresses.
fn given_from(state: &State) -> Vec<SubnetId> {
    let is_on = |vlan: VlanId| state.get::<Vlan>(&vlan).is_some_and(|row| row.value.dhcp_on);
    let is_served = |vlan: VlanId| {
        let relay = state.get::<Vlan>(&vlan).and_then(|row| row.value.relay_vlan);
        is_on(relay.unwrap_or(vlan))
    };
    let subnets = state.tables().subnets.iter().filter(|(_, row)| is_served(row.value.vlan));
    let ids = subnets.map(|(id, _)| *id);
    ids.filter(|id| ranges(state, *id, IpRangeType::Dynamic).next().is_some()).collect()
}

/// Follows a change of a VLAN: its racks may have begun to serve, or ended, there and where relays lead to it.
pub(in crate::apply) fn follow(draft: &mut Draft, vlan: VlanId) {
    if draft.state().tables().cut_overs.iter().next().is_none() {
        return;
    }
    let relayed = draft.state().referrers::<Vlan>(&Vlan::object(&vlan));
    let vlans: Vec<VlanId> = std::iter::once(vlan).chain(relayed).collect();
    for vlan in vlans {
        let subnets = draft.state().referrers::<Subnet>(&Vlan::object(&vlan));
        for subnet in subnets.collect::<Vec<_>>() {
            follow_subnet(draft, subnet);
        }
    }
}

/// Follows a rack, which has its first session, or none any more: the VLANs it is named for may be served, or not.
pub(in crate::apply) fn follow_rack(draft: &mut Draft, rack: NodeId) {
    let vlans = draft.state().referrers::<Vlan>(&Node::object(&rack));
    for vlan in vlans.collect::<Vec<_>>() {
        follow(draft, vlan);
    }
}

/// Follows a change of a subnet, which may be on another VLAN now, or gone.
pub(in crate::apply) fn follow_subnet(draft: &mut Draft, subnet: SubnetId) {
    let row = draft.state().get::<CutOver>(&subnet).map(|row| row.value.clone());
    row.into_iter().for_each(|cut_over| put(draft, subnet, cut_over));
}

/// It is time to look whether the closed addresses of a subnet open.
pub(in crate::apply) fn fall_due(draft: &mut Draft, subnet: SubnetId) {
    let Some(row) = draft.state().get::<CutOver>(&subnet) else { return };
    let cut_over = row.value.clone();
    if opens(draft.state(), subnet, &cut_over).is_some_and(|opens| opens <= draft.now()) {
        draft.state_mut().take::<CutOver>(&subnet);
    } else {
        put(draft, subnet, cut_over);
    }
}

fn put(draft: &mut Draft, subnet: SubnetId, mut cut_over: CutOver) {
    let Some(vlan) = draft.state().get::<Subnet>(&subnet).map(|row| row.value.vlan) else {
        draft.state_mut().take::<CutOver>(&subnet);
        return;
    };
    let since = cut_over.served_since.unwrap_or(draft.now());
    cut_over.served_since = is_served(draft.state(), vlan).then_some(since);
    cut_over.looked_at = opens(draft.state(), subnet, &cut_over);
    let last = draft.state().get::<CutOver>(&subnet);
    if last.is_none_or(|last| last.value != cut_over) {
        draft.put(subnet, cut_over);
    }
}
