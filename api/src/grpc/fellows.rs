//! The other racks of a rack's VLANs, by what nodes told each other last.

use crate::rack_board::Everyone;
use regent_core::id::{NodeId, VlanId};
use regent_core::query::dhcp_service::dhcp_service_of;
use regent_core::state::State;
use regent_proto::rack;
use std::collections::BTreeSet;

/// Those that have an address there. Who was never heard of has none.
#[must_use]
pub fn fellows(
    state: &State,
    everyone: &Everyone,
    (rack, vlans): (NodeId, &BTreeSet<VlanId>),
) -> rack::Fellows {
    let of_vlan = |vlan: &VlanId| {
        let servers = dhcp_service_of(state, *vlan).map_or(&[][..], |service| &service.servers);
        let others = servers.iter().enumerate().filter(|(_, server)| **server != rack);
        let fellow = |(place, server): (usize, &NodeId)| {
            let (_, status) = everyone.racks.get(server)?;
            Some(rack::Fellow {
                vlan: vlan.0,
                rack: server.0,
                server_id: (*everyone.addresses.get(&(*server, *vlan))?).into(),
                place: u32::try_from(place).unwrap_or(u32::MAX),
                missed_heartbeats: status.missed_heartbeats(),
            })
        };
        others.filter_map(fellow).collect::<Vec<_>>()
    };
    rack::Fellows { fellows: vlans.iter().flat_map(of_vlan).collect() }
}
