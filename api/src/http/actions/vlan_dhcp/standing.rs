//! How DHCP stands on a VLAN: what is set, and how far its racks are with it.

use crate::http::nouns::vlans::label;
use crate::rack_board::Everyone;
use crate::rack_board::seen::seen_by;
use regent_core::id::{NodeId, SubnetId, VlanId};
use regent_core::model::dhcp_service::DhcpService;
use regent_core::model::ip_range::{IpRange, IpRangeType};
use regent_core::model::node::Node;
use regent_core::model::subnet::Subnet;
use regent_core::model::vlan::Vlan;
use regent_core::query::foreign_dhcp::foreign_dhcp_seen;
use regent_core::query::network::ranges;
use regent_core::state::State;
use regent_core::state::table::Row;
use regent_core::state::tables::Stored as _;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr};
use utoipa::ToSchema;

/// DHCP on a VLAN.
#[derive(Serialize, ToSchema)]
pub struct VlanDhcpView {
    vlan: u32,
    /// What people know the VLAN by.
    label: String,
    /// Whether racks are to serve it.
    on: bool,
    /// Whether every one of them answers clients by what is set now.
    live: bool,
    /// The revision at which racks and ranges were set last.
    revision: u64,
    racks: Vec<DhcpRackView>,
    ranges: Vec<DhcpRangeView>,
    /// A DHCP server not ours, seen on it: the last one that appeared.
    #[schema(value_type = Option<String>)]
    external_dhcp: Option<IpAddr>,
    /// Milliseconds since one was heard last.
    external_dhcp_seen_ms_ago: Option<u64>,
    /// What somebody should know. The answer of a change has more to say than a look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Whether the node that answers does not show the change yet.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pending_here: bool,
}

/// A rack of the VLAN.
#[derive(Serialize, ToSchema)]
pub struct DhcpRackView {
    id: u32,
    hostname: String,
    connected: bool,
    /// Whether it has an address on the VLAN.
    sees: bool,
    /// Its address there, as clients know it.
    #[schema(value_type = Option<String>)]
    server_id: Option<Ipv4Addr>,
    /// Whether it answers clients by what is set now.
    live: bool,
    /// The revision it has in force.
    applied_revision: Option<u64>,
    /// Why it does not answer.
    trouble: Option<String>,
}

/// Addresses that clients get.
#[derive(Serialize, ToSchema)]
pub struct DhcpRangeView {
    #[schema(value_type = String)]
    start: IpAddr,
    #[schema(value_type = String)]
    end: IpAddr,
}

/// The dynamic ranges of a VLAN.
pub fn dynamic_ranges(state: &State, vlan: VlanId) -> impl Iterator<Item = &Row<IpRange>> {
    let subnets = subnets(state, vlan);
    subnets.flat_map(|(subnet, _)| ranges(state, subnet, IpRangeType::Dynamic)).map(AsRef::as_ref)
}

/// The subnets of a VLAN.
pub fn subnets(state: &State, vlan: VlanId) -> impl Iterator<Item = (SubnetId, &Subnet)> {
    let subnets = state.referrers::<Subnet>(&Vlan::object(&vlan));
    subnets.filter_map(|id| Some((id, &state.get::<Subnet>(&id)?.value)))
}

/// How it stands, as far as this node has heard; none if there is no such VLAN.
#[must_use]
pub fn standing(state: &State, everyone: &Everyone, id: VlanId) -> Option<VlanDhcpView> {
    let vlan = &state.get::<Vlan>(&id)?.value;
    let service = state.get::<DhcpService>(&id);
    let changed = dynamic_ranges(state, id).map(|range| range.revision.0);
    let revision = changed.chain(service.map(|row| row.revision.0)).max().unwrap_or_default();
    let racks = vlan.racks().map(|rack| rack_view(state, everyone, (rack, id), revision));
    let racks: Vec<DhcpRackView> = racks.collect();
    let range =
        |row: &Row<IpRange>| DhcpRangeView { start: row.value.start_ip, end: row.value.end_ip };
    Some(VlanDhcpView {
        vlan: id.0,
        label: label(state, vlan),
        on: vlan.dhcp_on,
        live: vlan.dhcp_on && racks.iter().all(|rack| rack.live),
        revision,
        racks,
        ranges: dynamic_ranges(state, id).map(range).collect(),
        external_dhcp: vlan.external_dhcp,
        external_dhcp_seen_ms_ago: foreign_dhcp_seen(state, id)
            .map(|seen| seen.until(state.meta().now).0),
        warnings: Vec::new(),
        pending_here: false,
    })
}

fn rack_view(
    state: &State,
    everyone: &Everyone,
    (rack, vlan): (NodeId, VlanId),
    revision: u64,
) -> DhcpRackView {
    let status = everyone.racks.get(&rack).map(|(_, status)| status);
    let service = status.and_then(|status| status.vlans.iter().find(|own| own.vlan == vlan));
    let connected = status.is_some_and(|status| status.connected);
    let applied_revision = status.map(|status| status.applied_revision);
    let is_served = service.is_some_and(|service| service.trouble.is_none());
    let is_recent = applied_revision.is_some_and(|applied| applied >= revision);
    DhcpRackView {
        id: rack.0,
        hostname: name_of(state, rack),
        connected,
        sees: status.is_some_and(|status| seen_by(state, status).contains(&vlan)),
        server_id: service.and_then(|service| service.server_id),
        live: connected && is_served && is_recent,
        applied_revision,
        trouble: service.and_then(|service| service.trouble.clone()),
    }
}

/// How people call a rack.
#[must_use]
pub fn name_of(state: &State, rack: NodeId) -> String {
    let node = state.get::<Node>(&rack);
    node.map_or_else(|| rack.to_string(), |node| node.value.hostname.to_string())
}
