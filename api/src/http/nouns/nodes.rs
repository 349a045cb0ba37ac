//! `/v1/nodes`.

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
use regent_core::model::node::{Node, PowerState};
use regent_core::model::parameter::Parameters;
use regent_core::net::mac::MacAddr;
use std::collections::BTreeSet;

/// All nodes over HTTP.
pub struct Nodes;

impl Resource for Nodes {
    type Stored = Node;
    type Draft = NodeDraft;
    const PATH: &'static str = "nodes";
    const SINGULAR: &'static str = "node";
    const ABOUT: &'static str = "A machine, device or controller, to be read as one list.";
    const WRITES: Writes = Writes::None;
    const FIELDS: &'static [Field<Self>] = node_fields!();

    fn to_create(_: NodeDraft) -> Result<Command, Problem> {
        Err(not_taken::<Self>())
    }

    fn to_update(_: NodeId, _: NodeDraft) -> Result<Command, Problem> {
        Err(not_taken::<Self>())
    }

    fn to_delete(_: NodeId) -> Result<Command, Problem> {
        Err(not_taken::<Self>())
    }
}
