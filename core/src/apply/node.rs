//! Machines, devices and controllers: names, and the steps of a machine's life.

use crate::apply::domain::check_ttl;
use crate::apply::draft::Draft;
use crate::apply::interface;
use crate::command::node::{NEW_INTERFACES_MAX, NewNode, NodeAction, NodeCommand, NodePatch};
use crate::id::{InterfaceId, NodeId};
use crate::model::domain::Domain;
use crate::model::hostname::Hostname;
use crate::model::interface::Interface;
use crate::model::node::{Node, NodeType, PowerState};
use crate::model::node_status::NodeStatus;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

/// Bytes of a free text.
const TEXT_BYTES_MAX: usize = 16 << 10;
/// Bytes of an architecture.
const ARCHITECTURE_BYTES_MAX: usize = 31;

pub(in crate::apply) fn run(
    draft: &mut Draft,
    command: &NodeCommand,
) -> Result<Outcome, Rejection> {
    match command {
        NodeCommand::Create(new) => create(draft, new),
        NodeCommand::Update { id, patch } => update(draft, *id, patch),
        NodeCommand::Delete { id } => delete(draft, *id),
        NodeCommand::Act { id, action } => act(draft, *id, action),
    }
}

fn create(draft: &mut Draft, new: &NewNode) -> Result<Outcome, Rejection> {
    if new.interfaces.len() > NEW_INTERFACES_MAX {
        let what = "interfaces of a new node".into();
        return Err(Rejection::Limit { what, max: NEW_INTERFACES_MAX as u64 });
    }
    let system_id = draft.new_system_id();
    let own_name = || Hostname::new(system_id.as_str());
    let hostname = match &new.hostname {
        Some(hostname) => hostname.clone(),
        None => own_name().map_err(|error| Rejection::invalid("hostname", error))?,
    };
    let node = Node {
        system_id,
        node_type: new.node_type,
        hostname,
        domain: new.domain,
        status: first_status(new.node_type),
        previous_status: NodeStatus::New,
        error_description: String::new(),
        power_state: PowerState::Unknown,
        architecture: new.architecture.clone(),
        description: new.description.clone(),
        boot_interface: None,
        address_ttl: None,
        locked: false,
    };
    let node = checked(draft, None, node)?;
    let id = draft.create(node)?;
    let mut first = None;
    for interface in &new.interfaces {
        let created = create_interface(draft, id, interface)?;
        first = first.or(Some(created));
    }
    let before = draft.row::<Node>(&id)?.clone();
    let node = Node { boot_interface: first, ..before.value.clone() };
    draft.replace(&id, &before, node);
    Ok(Outcome::Created(Node::object(&id)))
}

fn create_interface(
    draft: &mut Draft,
    node: NodeId,
    new: &crate::command::node::NewInterface,
) -> Result<InterfaceId, Rejection> {
    let mac_address = Some(new.mac_address);
    interface::create(draft, Interface { name: new.name.clone(), node, mac_address, enabled: true })
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

fn update(draft: &mut Draft, id: NodeId, patch: &NodePatch) -> Result<Outcome, Rejection> {
    let id = draft.resolve::<Node>(id)?;
    let before = draft.row::<Node>(&id)?.clone();
    let mut node = before.value.clone();
    patch.clone().apply_to(&mut node);
    let node = checked(draft, Some(id), node)?;
    draft.replace(&id, &before, node);
    Ok(Outcome::Updated(Node::object(&id)))
}

fn delete(draft: &mut Draft, id: NodeId) -> Result<Outcome, Rejection> {
    let id = draft.resolve::<Node>(id)?;
    let row = draft.row::<Node>(&id)?.clone();
    if row.value.locked {
        return Err(locked(id, "unlock it before deleting it"));
    }
    let interfaces: Vec<_> =
        draft.state().indexes().interfaces_by_node.under(&id).copied().collect();
    for interface in interfaces {
        draft.delete::<Interface>(&interface)?;
    }
    draft.delete::<Node>(&id)?;
    Ok(Outcome::Deleted(Node::object(&id)))
}

fn locked(id: NodeId, reason: &str) -> Rejection {
    let object = Node::object(&id);
    Rejection::StateForbids { object, state: "locked".into(), reason: reason.into() }
}

/// The node with its references resolved, if the rules allow it.
fn checked(draft: &Draft, id: Option<NodeId>, mut node: Node) -> Result<Node, Rejection> {
    if let Some(domain) = node.domain {
        node.domain = Some(draft.existing::<Domain>("domain", domain)?);
    }
    if let Some(interface) = node.boot_interface {
        let interface = draft.existing::<Interface>("boot_interface", interface)?;
        if Some(draft.row::<Interface>(&interface)?.value.node) != id {
            return Err(Rejection::invalid("boot_interface", "belongs to another node"));
        }
        node.boot_interface = Some(interface);
    }
    check_ttl("address_ttl", node.address_ttl)?;
    check_length("description", &node.description, TEXT_BYTES_MAX)?;
    check_length("architecture", &node.architecture, ARCHITECTURE_BYTES_MAX)?;
    let name = (node.domain, node.hostname.clone());
    match draft.state().indexes().nodes_by_name.under(&name).find(|other| Some(**other) != id) {
        None => Ok(node),
        Some(holder) => Err(Rejection::NotUnique {
            field: "hostname".into(),
            value: node.hostname.to_string(),
            holder: Node::object(holder),
        }),
    }
}

fn check_length(field: &str, text: &str, bytes_max: usize) -> Result<(), Rejection> {
    if text.len() <= bytes_max {
        return Ok(());
    }
    Err(Rejection::invalid(field, format!("{} bytes, {bytes_max} are allowed", text.len())))
}

fn act(draft: &mut Draft, id: NodeId, action: &NodeAction) -> Result<Outcome, Rejection> {
    let id = draft.resolve::<Node>(id)?;
    let before = draft.row::<Node>(&id)?.clone();
    let mut node = before.value.clone();
    if node.node_type != NodeType::Machine {
        return Err(Rejection::invalid("action", "only machines have a life cycle"));
    }
    match action {
        NodeAction::Lock => node.locked = true,
        NodeAction::Unlock => node.locked = false,
        NodeAction::Commission => step(&mut node, id, NodeStatus::Commissioning)?,
        NodeAction::Abort => abort(&mut node, id)?,
        NodeAction::Allocate => step(&mut node, id, NodeStatus::Allocated)?,
        NodeAction::Deploy => step(&mut node, id, NodeStatus::Deploying)?,
        NodeAction::Release => step(&mut node, id, NodeStatus::Releasing)?,
        NodeAction::MarkBroken { comment } => {
            check_length("comment", comment, TEXT_BYTES_MAX)?;
            step(&mut node, id, NodeStatus::Broken)?;
            node.error_description.clone_from(comment);
        }
        NodeAction::MarkFixed => {
            only_from(&node, id, NodeStatus::Broken, "only a broken machine can be marked fixed")?;
            step(&mut node, id, NodeStatus::Ready)?;
            node.error_description.clear();
        }
    }
    draft.replace(&id, &before, node);
    Ok(Outcome::Updated(Node::object(&id)))
}

fn step(node: &mut Node, id: NodeId, next: NodeStatus) -> Result<(), Rejection> {
    if node.locked {
        return Err(locked(id, "unlock it before changing its status"));
    }
    if !node.status.may_become(next) {
        let reason = format!("it cannot become {:?} from there", next.name());
        return Err(forbidden(node, id, reason));
    }
    node.previous_status = node.status;
    node.status = next;
    Ok(())
}

fn abort(node: &mut Node, id: NodeId) -> Result<(), Rejection> {
    let back_to = match node.status {
        NodeStatus::Commissioning => NodeStatus::New,
        NodeStatus::Deploying => NodeStatus::Allocated,
        NodeStatus::Testing => node.previous_status,
        _ => return Err(forbidden(node, id, "nothing is going on that could be aborted".into())),
    };
    step(node, id, back_to)
}

fn only_from(node: &Node, id: NodeId, from: NodeStatus, why: &str) -> Result<(), Rejection> {
    if node.status == from { Ok(()) } else { Err(forbidden(node, id, why.to_owned())) }
}

fn forbidden(node: &Node, id: NodeId, reason: String) -> Rejection {
    Rejection::StateForbids { object: Node::object(&id), state: node.status.name().into(), reason }
}
