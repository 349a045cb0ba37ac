//! `/v1/interfaces`.

use crate::http::problem::Problem;
use crate::http::resource::Resource;
use regent_core::command::Command;
use regent_core::command::interface::{InterfaceCommand, InterfacePatch};
use regent_core::id::{InterfaceId, NodeId};
use regent_core::model::interface::{Interface, InterfaceType};
use regent_core::net::mac::MacAddr;
use regent_core::state::State;
use regent_core::state::table::Row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Interfaces over HTTP.
pub struct Interfaces;

/// A network interface.
#[derive(Serialize, ToSchema)]
pub struct InterfaceView {
    id: u32,
    created_revision: u64,
    revision: u64,
    name: String,
    node: Option<u32>,
    system_id: Option<String>,
    mac_address: Option<String>,
    enabled: bool,
}

/// A new interface.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InterfaceCreate {
    name: String,
    node: u32,
    mac_address: Option<String>,
    enabled: Option<bool>,
}

/// Changed fields of an interface.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InterfaceChange {
    name: Option<String>,
    #[serde(default, deserialize_with = "crate::http::nullable::read")]
    mac_address: Option<Option<String>>,
    enabled: Option<bool>,
}

impl Resource for Interfaces {
    type Stored = Interface;
    type View = InterfaceView;
    type Create = InterfaceCreate;
    type Patch = InterfaceChange;
    const PATH: &'static str = "interfaces";

    fn find(state: &State, segment: &str) -> Option<InterfaceId> {
        if let Ok(number) = segment.parse() {
            return Some(InterfaceId(number));
        }
        let mac: MacAddr = segment.parse().ok()?;
        state.indexes().interfaces_by_mac.under(&mac).next().copied()
    }

    fn view(state: &State, id: InterfaceId, row: &Row<Interface>) -> InterfaceView {
        let node =
            row.value.node.and_then(|node| state.get::<regent_core::model::node::Node>(&node));
        InterfaceView {
            id: id.0,
            created_revision: row.created_revision.0,
            revision: row.revision.0,
            name: row.value.name.clone(),
            node: row.value.node.map(|node| node.0),
            system_id: node.map(|node| node.value.system_id.to_string()),
            mac_address: row.value.mac_address.map(|mac| mac.to_string()),
            enabled: row.value.enabled,
        }
    }

    fn create(body: InterfaceCreate) -> Result<Command, Problem> {
        let interface = Interface {
            node: Some(NodeId(body.node)),
            mac_address: body.mac_address.as_deref().map(parse_mac).transpose()?,
            enabled: body.enabled.unwrap_or(true),
            ..Interface::new(InterfaceType::Physical, &body.name)
        };
        Ok(Command::Interface(InterfaceCommand::Create(interface)))
    }

    fn update(id: InterfaceId, body: InterfaceChange) -> Result<Command, Problem> {
        let mac = body.mac_address.map(|mac| mac.as_deref().map(parse_mac).transpose());
        let patch = InterfacePatch {
            name: body.name,
            mac_address: mac.transpose()?,
            enabled: body.enabled,
            ..InterfacePatch::default()
        };
        Ok(Command::Interface(InterfaceCommand::Update { id, patch }))
    }

    fn delete(id: InterfaceId) -> Command {
        Command::Interface(InterfaceCommand::Delete { id })
    }
}

/// Reads a hardware address of a request.
///
/// # Errors
/// [`Problem`] if it is none.
pub fn parse_mac(mac: &str) -> Result<MacAddr, Problem> {
    mac.parse().map_err(|error| Problem::invalid("mac_address", format!("{error}")))
}
