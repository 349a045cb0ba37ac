//! `/v1/machines` and the steps of a machine's life. Steps are recorded; no power action follows yet.

use crate::http::body::Body;
use crate::http::context::Context;
use crate::http::interfaces::parse_mac;
use crate::http::problem::{Problem, ProblemKind};
use crate::http::resource::{Resource, act};
use crate::http::write::Asked;
use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::response::Response;
use axum::routing::post;
use regent_core::command::Command;
use regent_core::command::node::{NewInterface, NewNode, NodeAction, NodeCommand, NodePatch};
use regent_core::id::{DomainId, InterfaceId, NodeId, SystemId};
use regent_core::model::domain::Domain;
use regent_core::model::hostname::Hostname;
use regent_core::model::interface::Interface;
use regent_core::model::node::{Node, NodeType, PowerState};
use regent_core::state::State;
use regent_core::state::table::Row;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Machines over HTTP.
pub struct Machines;

/// A machine.
#[derive(Serialize, ToSchema)]
pub struct MachineView {
    id: u32,
    created_revision: u64,
    revision: u64,
    system_id: String,
    hostname: String,
    fqdn: String,
    domain: Option<u32>,
    status: u8,
    status_name: &'static str,
    error_description: String,
    power_state: &'static str,
    architecture: String,
    description: String,
    boot_interface: Option<u32>,
    interfaces: Vec<InterfaceSummary>,
    address_ttl: Option<u32>,
    locked: bool,
}

/// An interface as part of its machine.
#[derive(Serialize, ToSchema)]
pub struct InterfaceSummary {
    id: u32,
    name: String,
    mac_address: Option<String>,
}

/// A new machine.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MachineCreate {
    hostname: Option<String>,
    domain: Option<u32>,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    mac_addresses: Vec<String>,
}

/// Changed fields of a machine.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MachineChange {
    hostname: Option<String>,
    #[serde(default, deserialize_with = "crate::http::nullable::read")]
    domain: Option<Option<u32>>,
    architecture: Option<String>,
    description: Option<String>,
    #[serde(default, deserialize_with = "crate::http::nullable::read")]
    boot_interface: Option<Option<u32>>,
    #[serde(default, deserialize_with = "crate::http::nullable::read")]
    address_ttl: Option<Option<u32>>,
}

/// What a step may say.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionBody {
    #[serde(default)]
    comment: String,
}

impl Resource for Machines {
    type Stored = Node;
    type View = MachineView;
    type Create = MachineCreate;
    type Patch = MachineChange;
    const PATH: &'static str = "machines";

    fn includes(row: &Row<Node>) -> bool {
        row.value.node_type == NodeType::Machine
    }

    fn find(state: &State, segment: &str) -> Option<NodeId> {
        if let Ok(number) = segment.parse() {
            return Some(NodeId(number));
        }
        let system_id = SystemId::parse(segment).ok()?;
        state.indexes().nodes_by_system_id.under(&system_id).next().copied()
    }

    fn view(state: &State, id: NodeId, row: &Row<Node>) -> MachineView {
        let node = &row.value;
        let domain = node.domain.and_then(|domain| state.get::<Domain>(&domain));
        let fqdn = domain.map(|domain| format!("{}.{}", node.hostname, domain.value.name));
        MachineView {
            id: id.0,
            created_revision: row.created_revision.0,
            revision: row.revision.0,
            system_id: node.system_id.to_string(),
            hostname: node.hostname.to_string(),
            fqdn: fqdn.unwrap_or_else(|| node.hostname.to_string()),
            domain: node.domain.map(|domain| domain.0),
            status: node.status.number(),
            status_name: node.status.name(),
            error_description: node.error_description.clone(),
            power_state: power_state(node.power_state),
            architecture: node.architecture.clone(),
            description: node.description.clone(),
            boot_interface: node.boot_interface.map(|interface| interface.0),
            interfaces: interfaces(state, id),
            address_ttl: node.address_ttl,
            locked: node.locked,
        }
    }

    fn create(body: MachineCreate) -> Result<Command, Problem> {
        let interface = |(number, mac): (usize, &String)| {
            Ok(NewInterface {
                name: format!("eth{number}"),
                mac_address: parse_mac(mac)?,
                vlan: None,
            })
        };
        let interfaces: Result<_, Problem> =
            body.mac_addresses.iter().enumerate().map(interface).collect();
        let fields = NodePatch {
            hostname: body.hostname.as_deref().map(parse_hostname).transpose()?,
            domain: body.domain.map(|domain| Some(DomainId(domain))),
            architecture: Some(body.architecture),
            description: Some(body.description),
            ..NodePatch::default()
        };
        Ok(Command::Node(Box::new(NodeCommand::Create(NewNode {
            node_type: NodeType::Machine,
            fields,
            interfaces: interfaces?,
        }))))
    }

    fn update(id: NodeId, body: MachineChange) -> Result<Command, Problem> {
        let patch = NodePatch {
            hostname: body.hostname.as_deref().map(parse_hostname).transpose()?,
            domain: body.domain.map(|domain| domain.map(DomainId)),
            architecture: body.architecture,
            description: body.description,
            boot_interface: body.boot_interface.map(|interface| interface.map(InterfaceId)),
            address_ttl: body.address_ttl,
            ..NodePatch::default()
        };
        Ok(Command::Node(Box::new(NodeCommand::Update { id, patch })))
    }

    fn delete(id: NodeId) -> Command {
        Command::Node(Box::new(NodeCommand::Delete { id }))
    }
}

/// The routes of a machine's life.
pub fn actions() -> Router<Context> {
    Router::new().route("/machines/{id}/actions/{action}", post(step))
}

async fn step(
    Shared(context): Shared<Context>,
    Path((segment, action)): Path<(String, String)>,
    asked: Asked,
    body: Body,
) -> Result<Response, Problem> {
    let ActionBody { comment } = body.read()?;
    let action = match action.as_str() {
        "commission" => NodeAction::Commission,
        "abort" => NodeAction::Abort,
        "allocate" => NodeAction::Allocate,
        "deploy" => NodeAction::Deploy,
        "release" => NodeAction::Release,
        "mark_broken" => NodeAction::MarkBroken { comment },
        "mark_fixed" => NodeAction::MarkFixed,
        "lock" => NodeAction::Lock,
        "unlock" => NodeAction::Unlock,
        other => {
            let detail = format!("machines have no action {other:?}");
            return Err(Problem::new(ProblemKind::NoSuchRoute, detail));
        }
    };
    let command = |id| Ok(Command::Node(Box::new(NodeCommand::Act { id, action })));
    act::<Machines>(&context, &segment, &asked, &body, command).await
}

fn interfaces(state: &State, node: NodeId) -> Vec<InterfaceSummary> {
    let ids = state.indexes().interfaces_by_node.under(&node);
    let summary = |id: &InterfaceId| {
        let row = state.get::<Interface>(id)?;
        Some(InterfaceSummary {
            id: id.0,
            name: row.value.name.clone(),
            mac_address: row.value.mac_address.map(|mac| mac.to_string()),
        })
    };
    ids.filter_map(summary).collect()
}

const fn power_state(state: PowerState) -> &'static str {
    match state {
        PowerState::On => "on",
        PowerState::Off => "off",
        PowerState::Unknown => "unknown",
        PowerState::Error => "error",
    }
}

fn parse_hostname(hostname: &str) -> Result<Hostname, Problem> {
    Hostname::new(hostname).map_err(|error| Problem::invalid("hostname", format!("{error}")))
}
