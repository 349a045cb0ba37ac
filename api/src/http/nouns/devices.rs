//! `/v1/devices`.

use crate::http::nouns::node_fields::{self, NodeDraft, node_fields};
use crate::http::problem::Problem;
use crate::http::resource::{Field, Resource, field};
use crate::http::wire::Wire;
use regent_core::command::Command;
use regent_core::id::{
    AvailabilityZoneId, BmcId, DomainId, InterfaceId, NodeId, ResourcePoolId, StaticIpAddressId,
    TagId, UserId,
};
use regent_core::model::hostname::Hostname;
use regent_core::model::node::{Node, NodeType, PowerState};
use regent_core::model::parameter::Parameters;
use regent_core::net::mac::MacAddr;
use regent_core::state::table::Row;
use std::collections::BTreeSet;

/// Devices over HTTP.
pub struct Devices;

impl Resource for Devices {
    type Stored = Node;
    type Draft = NodeDraft;
    const PATH: &'static str = "devices";
    const SINGULAR: &'static str = "device";
    const ABOUT: &'static str = "Something with an address and a name, not managed further.";
    const FIELDS: &'static [Field<Self>] = node_fields!();

    fn includes(row: &Row<Node>) -> bool {
        row.value.node_type == NodeType::Device
    }

    fn to_create(draft: NodeDraft) -> Result<Command, Problem> {
        Ok(node_fields::create(NodeType::Device, draft))
    }

    fn to_update(id: NodeId, draft: NodeDraft) -> Result<Command, Problem> {
        Ok(node_fields::update(id, draft))
    }

    fn to_delete(id: NodeId) -> Result<Command, Problem> {
        Ok(node_fields::delete(id))
    }
}
