//! What belongs to what, in the order of ids: found through the references of the parts.

use crate::id::{DnsDataId, DnsResourceId, InterfaceId, NodeId, StaticIpAddressId};
use crate::model::dns_data::DnsData;
use crate::model::dns_resource::DnsResource;
use crate::model::interface::Interface;
use crate::model::node::Node;
use crate::model::owner_data::OwnerDataKey;
use crate::model::static_ip_address::StaticIpAddress;
use crate::state::State;
use crate::state::tables::Stored as _;

/// The interfaces of a node.
pub fn interfaces_of(state: &State, node: NodeId) -> impl Iterator<Item = InterfaceId> {
    state.referrers::<Interface>(&Node::object(&node))
}

/// The addresses of an interface.
pub fn addresses_of(
    state: &State,
    interface: InterfaceId,
) -> impl Iterator<Item = StaticIpAddressId> {
    state.referrers::<StaticIpAddress>(&Interface::object(&interface))
}

/// The records of a DNS resource.
pub fn records_of(state: &State, resource: DnsResourceId) -> impl Iterator<Item = DnsDataId> {
    state.referrers::<DnsData>(&DnsResource::object(&resource))
}

/// The annotations of a node, which are found by their keys.
pub fn annotations_of(state: &State, node: NodeId) -> impl Iterator<Item = &OwnerDataKey> {
    let first = OwnerDataKey { node, key: String::new() };
    let keys = state.tables().owner_data.range(first..).map(|(key, _)| key);
    keys.take_while(move |key| key.node == node)
}
