//! `/v1/controllers`.

use crate::http::nouns::node_fields::{self, NodeDraft, node_fields};
use crate::http::problem::Problem;
use crate::http::resource::{Field, Resource, Writes, field, not_taken};
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

/// Controllers over HTTP.
pub struct Controllers;

impl Resource for Controllers {
    type Stored = Node;
    type Draft = NodeDraft;
    const PATH: &'static str = "controllers";
    const SINGULAR: &'static str = "controller";
    const ABOUT: &'static str = "A rack or region controller.";
    const WRITES: Writes = Writes::NoCreate;
    const FIELDS: &'static [Field<Self>] = node_fields!();

    fn includes(row: &Row<Node>) -> bool {
        match row.value.node_type {
            NodeType::RackController
            | NodeType::RegionController
            | NodeType::RegionAndRackController => true,
            NodeType::Machine | NodeType::Device => false,
        }
    }

    fn to_create(_: NodeDraft) -> Result<Command, Problem> {
        Err(not_taken::<Self>())
    }

    fn to_update(id: NodeId, draft: NodeDraft) -> Result<Command, Problem> {
        Ok(node_fields::update(id, draft))
    }

    fn to_delete(id: NodeId) -> Result<Command, Problem> {
        Ok(node_fields::delete(id))
    }
}
