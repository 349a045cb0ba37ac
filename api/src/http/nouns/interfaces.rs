//! `/v1/interfaces`, and what links them to subnets.

use crate::http::nouns::edits::missing;
use crate::http::nouns::node_fields::fqdn;
use crate::http::problem::Problem;
use crate::http::resource::{Field, Resource, field};
use crate::http::wire::Wire;
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::command::interface::InterfacePatch;
use regent_core::command::patch::Patch as _;
use regent_core::id::{InterfaceId, NodeId, VlanId};
use regent_core::model::interface::{Interface, InterfaceType};
use regent_core::model::node::Node;
use regent_core::model::parameter::Parameters;
use regent_core::model::static_ip_address::StaticIpAddress;
use regent_core::net::mac::MacAddr;
use regent_core::query::owned::addresses_of;
use regent_core::state::State;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Interfaces over HTTP.
pub struct Interfaces;

/// An interface being asked for.
#[derive(Default)]
pub struct InterfaceDraft {
    interface_type: Option<InterfaceType>,
    node: Option<Option<NodeId>>,
    patch: InterfacePatch,
}

impl Resource for Interfaces {
    type Stored = Interface;
    type Draft = InterfaceDraft;
    const PATH: &'static str = "interfaces";
    const SINGULAR: &'static str = "interface";
    const ABOUT: &'static str = "A network interface: of a node, or of nobody known.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(required patch.name: String, "Its name on the node; unique there."),
        field!(fixed interface_type as "type": InterfaceType, "What sort it is; physical if not said."),
        field!(fixed node: Option<NodeId>, "The node it belongs to; none exactly for unknown ones."),
        Field::<Self>::shown::<Option<String>>(
            "system_id",
            "That node's system id.",
            |state, _, row| {
                let node = row.value.node.and_then(|node| state.get::<Node>(&node));
                node.map(|node| node.value.system_id).show()
            },
        ),
        Field::<Self>::shown::<String>(
            "label",
            "What people know it by: `NODE:NAME`.",
            |state, _, row| label(state, &row.value),
        ),
        field!(patch.mac_address: Option<MacAddr>, "Its hardware address."),
        field!(patch.vlan: Option<VlanId>, "The VLAN it is plugged into, if known."),
        field!(patch.parents: BTreeSet<InterfaceId>, "The interfaces it is made of."),
        Field::<Self>::shown::<Vec<Parameters>>(
            "links",
            "Its links to subnets.",
            |state, id, _| links(state, *id),
        ),
        field!(patch.enabled: bool, "Whether it is in use."),
        field!(patch.params: Parameters, "Settings of bonds, bridges and the like."),
        field!(patch.tags: BTreeSet<String>, "Words for machine constraints."),
        field!(patch.acquired: bool, "Whether it goes when the node is released."),
        field!(patch.link_connected: bool, "Whether a cable is plugged in."),
        field!(patch.link_speed: u32, "Speed of the link in Mbit/s."),
        field!(patch.interface_speed: u32, "Speed the card can do in Mbit/s."),
        field!(patch.sriov_max_vf: u32, "Virtual functions it can be split into."),
        field!(patch.firmware_version: Option<String>, "Version of its firmware."),
        field!(patch.vendor: Option<String>, "Who made it."),
        field!(patch.product: Option<String>, "What it is called by whoever made it."),
    ];

    fn to_create(draft: InterfaceDraft) -> Result<Command, Problem> {
        let name = draft.patch.name.clone().ok_or_else(|| missing("name"))?;
        let interface_type = draft.interface_type.unwrap_or_default();
        let mut interface = Interface::new(interface_type, &name);
        interface.node = draft.node.flatten();
        draft.patch.apply_to(&mut interface);
        Ok(Command::Interface(Edit::Create(interface)))
    }

    fn to_update(id: InterfaceId, draft: InterfaceDraft) -> Result<Command, Problem> {
        Ok(Command::Interface(Edit::Update { id, patch: draft.patch }))
    }

    fn to_delete(id: InterfaceId) -> Result<Command, Problem> {
        Ok(Command::Interface(Edit::Delete { id }))
    }
}

/// What people know an interface by: its node and its name there.
fn label(state: &State, interface: &Interface) -> Value {
    let node = interface.node.and_then(|node| state.get::<Node>(&node));
    match node.map(|node| fqdn(state, &node.value)) {
        Some(Value::String(node)) => format!("{node}:{}", interface.name).into(),
        Some(_) | None => interface.name.show(),
    }
}

/// The links of an interface as MAAS shows them; the id is that of the address.
fn links(state: &State, interface: InterfaceId) -> Value {
    let link = |id: regent_core::id::StaticIpAddressId| {
        let row = state.get::<StaticIpAddress>(&id)?;
        let mode = row.value.link_mode().name();
        let (subnet, address) = (row.value.subnet.show(), row.value.ip.show());
        Some(json!({ "id": id.0, "mode": mode, "subnet": subnet, "ip_address": address }))
    };
    addresses_of(state, interface).filter_map(link).collect()
}
