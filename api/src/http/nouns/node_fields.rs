//! What machines, devices and controllers have in common: they are one table, as in MAAS.

use crate::http::nouns::bmcs::without_secrets;
use crate::http::wire::Wire as _;
use regent_core::command::Command;
use regent_core::command::node::{NewInterface, NewNode, NodeCommand, NodePatch};
use regent_core::id::{InterfaceId, NodeId, StaticIpAddressId, TagId};
use regent_core::model::domain::Domain;
use regent_core::model::interface::Interface;
use regent_core::model::node::{Node, NodeType};
use regent_core::model::owner_data::{OwnerData, OwnerDataKey};
use regent_core::model::static_ip_address::StaticIpAddress;
use regent_core::model::tag::Tag;
use regent_core::net::mac::MacAddr;
use regent_core::query::owned::{addresses_of, interfaces_of};
use regent_core::state::State;
use serde_json::{Value, json};

/// A node being asked for.
#[derive(Default)]
pub struct NodeDraft {
    pub(in crate::http::nouns) patch: NodePatch,
    pub(in crate::http::nouns) mac_addresses: Vec<MacAddr>,
}

/// The command that makes a node of a draft; its interfaces are called `eth0`, `eth1` and so on.
#[must_use]
pub fn create(node_type: NodeType, draft: NodeDraft) -> Command {
    let numbered = draft.mac_addresses.into_iter().enumerate();
    let interface = |(number, mac_address)| NewInterface {
        name: format!("eth{number}"),
        mac_address,
        vlan: None,
    };
    let interfaces = numbered.map(interface).collect();
    let new = NewNode { node_type, fields: draft.patch, interfaces };
    Command::Node(Box::new(NodeCommand::Create(new)))
}

/// The command that changes a node.
#[must_use]
pub fn update(id: NodeId, draft: NodeDraft) -> Command {
    Command::Node(Box::new(NodeCommand::Update { id, patch: draft.patch }))
}

/// The command that deletes a node.
#[must_use]
pub fn delete(id: NodeId) -> Command {
    Command::Node(Box::new(NodeCommand::Delete { id }))
}

/// Host name and domain.
#[must_use]
pub fn fqdn(state: &State, node: &Node) -> Value {
    let domain = node.domain.and_then(|domain| state.get::<Domain>(&domain));
    match domain {
        Some(domain) => format!("{}.{}", node.hostname, domain.value.name).into(),
        None => node.hostname.show(),
    }
}

/// What sort of node it is, in MAAS's words.
#[must_use]
pub const fn node_type_name(node_type: NodeType) -> &'static str {
    match node_type {
        NodeType::Machine => "Machine",
        NodeType::Device => "Device",
        NodeType::RackController => "Rack controller",
        NodeType::RegionController => "Region controller",
        NodeType::RegionAndRackController => "Region and rack controller",
    }
}

/// Its interfaces in short.
#[must_use]
pub fn interfaces(state: &State, node: NodeId) -> Value {
    let summary = |id: InterfaceId| {
        let interface = &state.get::<Interface>(&id)?.value;
        let (name, mac) = (interface.name.as_str(), interface.mac_address.show());
        Some(json!({ "id": id.0, "name": name, "mac_address": mac }))
    };
    interfaces_of(state, node).filter_map(summary).collect()
}

/// The addresses of its interfaces.
#[must_use]
pub fn ip_addresses(state: &State, node: NodeId) -> Value {
    let address = |id: StaticIpAddressId| state.get::<StaticIpAddress>(&id)?.value.ip;
    let addresses = interfaces_of(state, node).flat_map(|interface| addresses_of(state, interface));
    let found = addresses.filter_map(address);
    found.map(|address| address.show()).collect()
}

/// The names of its tags.
#[must_use]
pub fn tag_names(state: &State, node: &Node) -> Value {
    let name = |tag: &TagId| state.get::<Tag>(tag).map(|tag| tag.value.name.show());
    node.tags.iter().filter_map(name).collect()
}

/// What its owner noted on it.
#[must_use]
pub fn owner_data(state: &State, node: NodeId) -> Value {
    let first = OwnerDataKey { node, key: String::new() };
    let rows = state.tables().owner_data.range(first..);
    let own = rows.take_while(|(key, _)| key.node == node);
    own.map(|(key, row): (_, &std::sync::Arc<regent_core::state::table::Row<OwnerData>>)| {
        (key.key.clone(), row.value.value.show())
    })
    .collect()
}

/// What its BMC needs to know about it alone, secrets left out.
#[must_use]
pub fn power_parameters(node: &Node) -> Value {
    without_secrets(&node.instance_power_parameters)
}

/// The fields of every sort of node, as a table for the resource it stands in.
macro_rules! node_fields {
    () => {
        &[
            Field::<Self>::shown::<String>("system_id", "What people and tools know it by.", |_, _, row| {
                row.value.system_id.show()
            }),
            Field::<Self>::shown::<u8>("node_type", "0 machine, 1 device, 2 rack controller, 3 region controller, 4 both.", |_, _, row| {
                row.value.node_type.number().into()
            }),
            Field::<Self>::shown::<String>("node_type_name", "The same in words.", |_, _, row| {
                node_fields::node_type_name(row.value.node_type).into()
            }),
            field!(patch.hostname: Hostname, "Its host name; unique in its domain."),
            Field::<Self>::shown::<String>("fqdn", "Host name and domain.", |state, _, row| {
                node_fields::fqdn(state, &row.value)
            }),
            field!(patch.domain: Option<DomainId>, "The domain its name lives in."),
            Field::<Self>::shown::<u8>("status", "Where in its life it is, in MAAS's numbers.", |_, _, row| {
                row.value.status.number().into()
            }),
            Field::<Self>::shown::<String>("status_name", "The same in words.", |_, _, row| {
                row.value.status.name().into()
            }),
            field!(patch.error_description: String, "What is wrong with it, while something is."),
            field!(patch.power_state: PowerState, "Its power as last seen."),
            Field::<Self>::shown::<Option<String>>("power_state_updated", "When that was seen.", |_, _, row| {
                row.value.power_state_updated.show()
            }),
            field!(patch.architecture: String, "Architecture and subarchitecture, `amd64/generic`."),
            field!(patch.description: String, "Free text for people."),
            Field::<Self>::sent::<Vec<MacAddr>>("mac_addresses", "Hardware addresses of its interfaces; it boots from the first.", |value, draft| {
                draft.mac_addresses = Wire::read(value)?;
                Ok(())
            }),
            field!(patch.boot_interface: Option<InterfaceId>, "The interface it boots from."),
            Field::<Self>::shown::<Vec<Parameters>>("interfaces", "Its interfaces in short.", |state, id, _| {
                node_fields::interfaces(state, *id)
            }),
            Field::<Self>::shown::<Vec<String>>("ip_addresses", "The addresses of its interfaces.", |state, id, _| {
                node_fields::ip_addresses(state, *id)
            }),
            field!(patch.address_ttl: Option<u32>, "Time to live of its names in seconds; the domain's if null."),
            Field::<Self>::shown::<bool>("locked", "Whether it is protected from changes of status.", |_, _, row| {
                row.value.locked.into()
            }),
            field!(patch.zone: AvailabilityZoneId, "The zone it stands in."),
            field!(patch.pool: Option<ResourcePoolId>, "The pool it is given out from."),
            field!(patch.tags: BTreeSet<TagId>, "The tags it carries."),
            Field::<Self>::shown::<Vec<String>>("tag_names", "Their names.", |state, _, row| {
                node_fields::tag_names(state, &row.value)
            }),
            field!(patch.owner: Option<UserId>, "Whose it is."),
            Field::<Self>::shown::<Parameters>("owner_data", "What its owner noted on it.", |state, id, _| {
                node_fields::owner_data(state, *id)
            }),
            field!(patch.parent: Option<NodeId>, "The node it lives in or belongs to."),
            field!(patch.bmc: Option<BmcId>, "What switches its power."),
            Field::<Self>::new(
                "instance_power_parameters",
                "What that needs to know about this node alone.",
                Parameters::shape,
                |_, _, row| node_fields::power_parameters(&row.value),
                |value, draft| {
                    draft.patch.instance_power_parameters = Some(Wire::read(value)?);
                    Ok(())
                },
            ),
            field!(patch.gateway_link_ipv4: Option<StaticIpAddressId>, "The address whose subnet gives it its IPv4 default route."),
            field!(patch.gateway_link_ipv6: Option<StaticIpAddressId>, "The address whose subnet gives it its IPv6 default route."),
            field!(patch.hardware_uuid: Option<String>, "Its hardware's UUID."),
            field!(patch.osystem: String, "The operating system on it."),
            field!(patch.distro_series: String, "The release of that system."),
            field!(patch.hwe_kernel: Option<String>, "The kernel it is to run."),
            field!(patch.min_hwe_kernel: Option<String>, "The oldest kernel it can run."),
            field!(patch.cpu_count: u32, "Processor threads."),
            field!(patch.cpu_speed: u32, "Their speed in MHz."),
            field!(patch.memory: u32, "Memory in MiB."),
            field!(patch.swap_size: Option<u64>, "Swap in MiB."),
            field!(patch.bios_boot_method: Option<String>, "How its firmware boots."),
            field!(patch.netboot: bool, "Whether it boots from the network next time."),
            field!(patch.ephemeral_deploy: bool, "Whether it runs from memory."),
            field!(patch.dynamic: bool, "Whether it goes with the host it lives in."),
            field!(patch.agent_name: String, "Which tool holds it for its owner."),
            field!(patch.enable_hw_sync: bool, "Whether its hardware is looked at while it runs."),
            field!(patch.is_dpu: bool, "Whether it is a data processing unit."),
            Field::<Self>::shown::<Option<String>>("version", "The software of a controller.", |_, _, row| {
                row.value.controller.as_ref().map(|controller| controller.version.clone()).show()
            }),
        ]
    };
}
pub(crate) use node_fields;
