//! Machines, devices and controllers: what they are born with, and what their names and references must be.

mod action;
mod removal;

use crate::apply::depth::Depth;
use crate::apply::domain::check_ttl;
use crate::apply::draft::Draft;
use crate::apply::noun::{self, Noun};
use crate::apply::parameters::check_parameters;
use crate::apply::secret::{keep, split};
use crate::apply::site::defaults;
use crate::apply::text::{NAME_CHARS_MAX, check_length, check_text};
use crate::command::node::{NEW_INTERFACES_MAX, NewInterface, NewNode, NodeCommand, NodePatch};
use crate::command::patch::Patch;
use crate::id::{InterfaceId, NodeId, StaticIpAddressId};
use crate::model::availability_zone::AvailabilityZone;
use crate::model::bmc::Bmc;
use crate::model::domain::Domain;
use crate::model::hostname::Hostname;
use crate::model::interface::Interface;
use crate::model::node::{NODE_LEVELS_MAX, Node, NodeType};
use crate::model::node_status::NodeStatus;
use crate::model::resource_pool::ResourcePool;
use crate::model::static_ip_address::StaticIpAddress;
use crate::model::tag::Tag;
use crate::model::user::User;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

/// Bytes of an architecture.
const ARCHITECTURE_BYTES_MAX: usize = 31;
/// Tags of one node.
const TAGS_MAX: usize = 1024;
/// The field with what the driver of its BMC needs to know about a node alone.
const POWER_FIELD: &str = "instance_power_parameters";
/// How deep nodes may be inside one another.
const DEPTH: Depth = Depth {
    field: "parent",
    levels_max: NODE_LEVELS_MAX,
    leads_back: "a node cannot be inside itself",
    lie: "inside one another",
};

pub(in crate::apply) fn run(
    draft: &mut Draft,
    command: &NodeCommand,
) -> Result<Outcome, Rejection> {
    match command {
        NodeCommand::Create(new) => {
            create(draft, new).map(|id| Outcome::Created(Node::object(&id)))
        }
        NodeCommand::Update { id, patch } => update(draft, *id, patch.clone()),
        NodeCommand::Delete { id } => {
            let id = draft.resolve::<Node>(*id)?;
            noun::delete::<Node>(draft, id)?;
            Ok(Outcome::Deleted(Node::object(&id)))
        }
        NodeCommand::Act { id, action } => action::run(draft, *id, action),
    }
}

/// Makes a node with its interfaces.
pub(in crate::apply) fn create(draft: &mut Draft, new: &NewNode) -> Result<NodeId, Rejection> {
    if new.interfaces.len() > NEW_INTERFACES_MAX {
        let what = "interfaces of a new node".into();
        return Err(Rejection::Limit { what, max: NEW_INTERFACES_MAX as u64 });
    }
    let mut node = new_node(draft, new)?;
    let secrets = split(POWER_FIELD, &mut node.instance_power_parameters)?;
    let id = noun::create(draft, node)?;
    keep(draft, &Node::object(&id), secrets)?;
    let mut first = None;
    for interface in &new.interfaces {
        let created = create_interface(draft, id, interface)?;
        first = first.or(Some(created));
    }
    draft.modify::<Node>(&id, |node| node.boot_interface = first)?;
    Ok(id)
}

fn update(draft: &mut Draft, id: NodeId, mut patch: NodePatch) -> Result<Outcome, Rejection> {
    let id = draft.resolve::<Node>(id)?;
    let given = patch.instance_power_parameters.as_mut();
    let secrets = given.map(|given| split(POWER_FIELD, given)).transpose()?;
    let outcome = noun::update::<Node>(draft, id, |node| patch.apply_to(node))?;
    keep(draft, &Node::object(&id), secrets.unwrap_or_default())?;
    Ok(outcome)
}

fn new_node(draft: &mut Draft, new: &NewNode) -> Result<Node, Rejection> {
    let system_id = draft.new_system_id();
    let hostname =
        Hostname::new(system_id.as_str()).map_err(|error| Rejection::invalid("hostname", error))?;
    let defaults = defaults(draft)?;
    let mut node = Node::new(system_id, new.node_type, hostname, defaults.zone);
    node.domain = Some(defaults.domain);
    node.pool = (new.node_type == NodeType::Machine).then_some(defaults.pool);
    node.status = first_status(new.node_type);
    new.fields.clone().apply_to(&mut node);
    Ok(node)
}

fn create_interface(
    draft: &mut Draft,
    node: NodeId,
    new: &NewInterface,
) -> Result<InterfaceId, Rejection> {
    let interface = Interface::physical(node, &new.name, new.mac_address);
    noun::create(draft, Interface { vlan: new.vlan, ..interface })
}

/// Controllers and devices have no life cycle: MAAS records them as deployed and ready.
fn first_status(node_type: NodeType) -> NodeStatus {
    match node_type {
        NodeType::Machine => NodeStatus::New,
        NodeType::Device => NodeStatus::Ready,
        NodeType::RackController
        | NodeType::RegionController
        | NodeType::RegionAndRackController => NodeStatus::Deployed,
    }
}

impl Noun for Node {
    fn checked(draft: &Draft, id: Option<NodeId>, node: Self) -> Result<Self, Rejection> {
        let node = resolved(draft, node)?;
        check_plain(&node)?;
        check_own(draft, id, &node)?;
        check_depth(draft, id, &node)?;
        check_name(draft, id, &node)?;
        Ok(node)
    }

    fn before_delete(draft: &mut Draft, id: NodeId) -> Result<(), Rejection> {
        removal::prepare(draft, id)
    }
}

/// The node with its references resolved.
fn resolved(draft: &Draft, mut node: Node) -> Result<Node, Rejection> {
    node.domain = draft.existing_if_any::<Domain>("domain", node.domain)?;
    node.zone = draft.existing::<AvailabilityZone>("zone", node.zone)?;
    node.pool = draft.existing_if_any::<ResourcePool>("pool", node.pool)?;
    node.owner = draft.existing_if_any::<User>("owner", node.owner)?;
    node.parent = draft.existing_if_any::<Node>("parent", node.parent)?;
    node.bmc = draft.existing_if_any::<Bmc>("bmc", node.bmc)?;
    node.boot_interface =
        draft.existing_if_any::<Interface>("boot_interface", node.boot_interface)?;
    node.gateway_link_ipv4 =
        draft.existing_if_any::<StaticIpAddress>("gateway_link_ipv4", node.gateway_link_ipv4)?;
    node.gateway_link_ipv6 =
        draft.existing_if_any::<StaticIpAddress>("gateway_link_ipv6", node.gateway_link_ipv6)?;
    if node.tags.len() > TAGS_MAX {
        return Err(Rejection::invalid("tags", format!("more than {TAGS_MAX}")));
    }
    let tags = node.tags.iter();
    node.tags = tags.map(|tag| draft.existing::<Tag>("tags", *tag)).collect::<Result<_, _>>()?;
    Ok(node)
}

fn check_plain(node: &Node) -> Result<(), Rejection> {
    check_ttl("address_ttl", node.address_ttl)?;
    check_text("description", &node.description)?;
    check_text("error_description", &node.error_description)?;
    check_length("architecture", &node.architecture, ARCHITECTURE_BYTES_MAX)?;
    check_parameters(POWER_FIELD, &node.instance_power_parameters)?;
    if node.pool.is_some() && node.node_type != NodeType::Machine {
        return Err(Rejection::invalid("pool", "only machines are in a pool"));
    }
    if node.controller.is_some() && matches!(node.node_type, NodeType::Machine | NodeType::Device) {
        return Err(Rejection::invalid("controller", "only controllers have a version"));
    }
    let names = [
        ("osystem", Some(&node.osystem)),
        ("distro_series", Some(&node.distro_series)),
        ("agent_name", Some(&node.agent_name)),
        ("hardware_uuid", node.hardware_uuid.as_ref()),
        ("hwe_kernel", node.hwe_kernel.as_ref()),
        ("min_hwe_kernel", node.min_hwe_kernel.as_ref()),
        ("bios_boot_method", node.bios_boot_method.as_ref()),
        ("controller", node.controller.as_ref().map(|info| &info.version)),
        ("controller", node.controller.as_ref().map(|info| &info.url)),
    ];
    names.into_iter().try_for_each(|(field, name)| {
        name.map_or(Ok(()), |name| check_length(field, name, NAME_CHARS_MAX))
    })
}

/// The boot interface and the gateway links are the node's own.
fn check_own(draft: &Draft, id: Option<NodeId>, node: &Node) -> Result<(), Rejection> {
    let owns = |interface: &InterfaceId| {
        let row = draft.state().get::<Interface>(interface);
        id.is_some() && row.is_some_and(|row| row.value.node == id)
    };
    if node.boot_interface.is_some_and(|interface| !owns(&interface)) {
        return Err(Rejection::invalid("boot_interface", "belongs to another node"));
    }
    let owns_link = |link: StaticIpAddressId| {
        let row = draft.state().get::<StaticIpAddress>(&link);
        row.is_some_and(|row| row.value.interfaces.iter().any(owns))
    };
    let links = [
        ("gateway_link_ipv4", node.gateway_link_ipv4),
        ("gateway_link_ipv6", node.gateway_link_ipv6),
    ];
    for (field, link) in links {
        if link.is_some_and(|link| !owns_link(link)) {
            return Err(Rejection::invalid(field, "belongs to another node"));
        }
    }
    Ok(())
}

/// A node moves into another one with all that is inside it.
fn check_depth(draft: &Draft, id: Option<NodeId>, node: &Node) -> Result<(), Rejection> {
    let state = draft.state();
    let before = id.and_then(|id| state.get::<Node>(&id));
    if before.is_some_and(|before| before.value.parent == node.parent) {
        return Ok(());
    }
    let up = |id| state.get::<Node>(&id).and_then(|row| row.value.parent).into_iter().collect();
    let down = |id| state.referrers::<Node>(&Node::object(&id)).collect();
    DEPTH.check(id, node.parent.into_iter().collect(), up, down)
}

fn check_name(draft: &Draft, id: Option<NodeId>, node: &Node) -> Result<(), Rejection> {
    let before = id.and_then(|id| draft.state().get::<Node>(&id)).map(|row| &row.value);
    if before.is_some_and(|b| (b.domain, &b.hostname) == (node.domain, &node.hostname)) {
        return Ok(());
    }
    if let Some(domain) = node.domain {
        let in_domain = node.hostname.in_domain(&draft.row::<Domain>(&domain)?.value.name);
        in_domain.map_err(|error| Rejection::invalid("hostname", error))?;
    }
    let name = (node.hostname.clone(), node.domain);
    let holders = &draft.state().indexes().nodes_by_name;
    noun::unique::<Node, _>("hostname", holders, &name, id, &node.hostname)
}
