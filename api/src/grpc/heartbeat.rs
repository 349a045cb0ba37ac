//! How a rack says it is, read.

use crate::rack_board::link::Link;
use crate::rack_board::status::{RackStatus, VLANS_MAX, VlanStatus, kept};
use regent_core::id::VlanId;
use regent_proto::rack;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Duration;

/// The status after a heartbeat of a rack that is connected there, was told this revision last and these VLANs, and is so long without
/// something it was told. What it says of others, or more than is kept, is left out: nothing rests on it.
#[must_use]
pub fn heard(
    (session, version, links): (u64, &str, &[Link]),
    (told_revision, behind, told): (u64, Duration, &BTreeSet<VlanId>),
    heartbeat: rack::Heartbeat,
) -> RackStatus {
    let rack::Heartbeat { applied_revision, backlog, vlans } = heartbeat;
    let told_of = |service: &VlanStatus| told.contains(&service.vlan);
    // The last word about a VLAN.
    let vlans = vlans.into_iter().map(vlan).filter(told_of).map(|service| (service.vlan, service));
    let vlans: BTreeMap<VlanId, VlanStatus> = vlans.collect();
    let vlans = vlans.into_values().take(VLANS_MAX).collect();
    let begun = RackStatus::begun(session, version.to_owned(), told_revision, links.to_vec());
    let behind_ms = u64::try_from(behind.as_millis()).unwrap_or(u64::MAX);
    RackStatus { applied_revision, behind_ms, backlog, vlans, ..begun }
}

fn vlan(service: rack::VlanService) -> VlanStatus {
    let rack::VlanService { vlan, server_id, live, trouble } = service;
    let trouble = (!live).then(|| kept(trouble));
    VlanStatus { vlan: VlanId(vlan), server_id: server_id.map(Ipv4Addr::from), trouble }
}

#[cfg(test)]
mod tests {
    use super::heard;
    use regent_core::id::VlanId;
    use regent_proto::rack::{Heartbeat, VlanService};
    use std::time::Duration;

    #[test]
    fn of_each_vlan_the_rack_was_told_of_one_word_is_kept_and_none_of_invented_ones() {
        let service = |vlan| VlanService { vlan, live: true, ..VlanService::default() };
        let vlans = [9, 5, 5, 1, 7, 5].map(service).to_vec();
        let told = [VlanId(5), VlanId(7), VlanId(8)].into();
        let told = (3, Duration::from_secs(4), &told);
        let status = heard((1, "0.1.0", &[]), told, Heartbeat { vlans, ..Heartbeat::default() });
        assert_eq!(status.behind_ms, 4_000);
        assert!(status.vlans.iter().map(|service| service.vlan).eq([VlanId(5), VlanId(7)]));
    }
}
