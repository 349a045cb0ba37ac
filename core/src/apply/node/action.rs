//! Steps in a machine's life. Only what is recorded changes: no power is switched here or elsewhere.

use crate::apply::draft::Draft;
use crate::apply::owner_data;
use crate::apply::text::check_text;
use crate::command::node::NodeAction;
use crate::id::NodeId;
use crate::model::node::{Node, NodeType};
use crate::model::node_status::NodeStatus;
use crate::model::static_ip_address::{AllocType, StaticIpAddress};
use crate::outcome::Outcome;
use crate::query::owned::{addresses_of, interfaces_of};
use crate::rejection::Rejection;
use crate::state::tables::Stored;

/// Takes one step in a machine's life.
pub(in crate::apply::node) fn run(
    draft: &mut Draft,
    id: NodeId,
    action: &NodeAction,
) -> Result<Outcome, Rejection> {
    let id = draft.resolve::<Node>(id)?;
    let before = draft.row::<Node>(&id)?.clone();
    let mut node = before.value.clone();
    if node.node_type != NodeType::Machine {
        return Err(Rejection::invalid("action", "only machines have a life cycle"));
    }
    match action {
        NodeAction::Lock => lock(&mut node, id)?,
        NodeAction::Unlock => node.locked = false,
        NodeAction::Commission => step(&mut node, id, NodeStatus::Commissioning)?,
        NodeAction::Abort => abort(&mut node, id)?,
        NodeAction::Allocate => step(&mut node, id, NodeStatus::Allocated)?,
        NodeAction::Deploy => step(&mut node, id, NodeStatus::Deploying)?,
        NodeAction::Release => step(&mut node, id, NodeStatus::Releasing)?,
        NodeAction::MarkBroken { comment } => {
            check_text("comment", comment)?;
            step(&mut node, id, NodeStatus::Broken)?;
            node.error_description.clone_from(comment);
        }
        NodeAction::MarkFixed => {
            only_from(&node, id, NodeStatus::Broken, "only a broken machine can be marked fixed")?;
            step(&mut node, id, NodeStatus::Ready)?;
            node.error_description.clear();
        }
        NodeAction::Become { status } => step(&mut node, id, *status)?,
    }
    if is_free(node.status) && !is_free(before.value.status) {
        forget_owner(draft, id, &mut node)?;
    }
    draft.replace(&id, &before, node);
    Ok(Outcome::Updated(Node::object(&id)))
}

fn step(node: &mut Node, id: NodeId, next: NodeStatus) -> Result<(), Rejection> {
    if node.locked {
        let reason = "unlock it before changing its status".to_owned();
        let object = Node::object(&id);
        return Err(Rejection::StateForbids { object, state: "locked".into(), reason });
    }
    if !node.status.may_become(next) {
        let reason = format!("it cannot become {:?} from there", next.name());
        return Err(forbidden(node, id, reason));
    }
    node.previous_status = node.status;
    node.status = next;
    Ok(())
}

/// What is nobody's work yet is not kept from harm, as in MAAS.
fn lock(node: &mut Node, id: NodeId) -> Result<(), Rejection> {
    if !matches!(node.status, NodeStatus::Deployed | NodeStatus::Deploying) {
        let reason = "only a machine that is or becomes deployed can be locked".to_owned();
        return Err(forbidden(node, id, reason));
    }
    node.locked = true;
    Ok(())
}

fn abort(node: &mut Node, id: NodeId) -> Result<(), Rejection> {
    let back_to = match node.status {
        NodeStatus::Commissioning => NodeStatus::New,
        NodeStatus::Deploying => NodeStatus::Allocated,
        NodeStatus::DiskErasing => NodeStatus::FailedDiskErasing,
        NodeStatus::Testing => node.previous_status,
        NodeStatus::New
        | NodeStatus::FailedCommissioning
        | NodeStatus::Missing
        | NodeStatus::Ready
        | NodeStatus::Reserved
        | NodeStatus::Deployed
        | NodeStatus::Retired
        | NodeStatus::Broken
        | NodeStatus::Allocated
        | NodeStatus::FailedDeployment
        | NodeStatus::Releasing
        | NodeStatus::FailedReleasing
        | NodeStatus::FailedDiskErasing
        | NodeStatus::RescueMode
        | NodeStatus::EnteringRescueMode
        | NodeStatus::FailedEnteringRescueMode
        | NodeStatus::ExitingRescueMode
        | NodeStatus::FailedExitingRescueMode
        | NodeStatus::FailedTesting => {
            return Err(forbidden(node, id, "nothing is going on that could be aborted".into()));
        }
    };
    step(node, id, back_to)
}

fn only_from(node: &Node, id: NodeId, from: NodeStatus, why: &str) -> Result<(), Rejection> {
    if node.status == from { Ok(()) } else { Err(forbidden(node, id, why.to_owned())) }
}

fn forbidden(node: &Node, id: NodeId, reason: String) -> Rejection {
    Rejection::StateForbids { object: Node::object(&id), state: node.status.name().into(), reason }
}

/// Whether a machine in this status is nobody's.
const fn is_free(status: NodeStatus) -> bool {
    matches!(status, NodeStatus::New | NodeStatus::Ready)
}

/// A machine that comes back loses its owner, what that one noted, and what was chosen for the deployment.
fn forget_owner(draft: &mut Draft, id: NodeId, node: &mut Node) -> Result<(), Rejection> {
    node.owner = None;
    node.agent_name.clear();
    node.ephemeral_deploy = false;
    node.osystem.clear();
    node.distro_series.clear();
    node.netboot = true;
    owner_data::forget_all(draft, id)?;
    release_auto_addresses(draft, id)
}

fn release_auto_addresses(draft: &mut Draft, id: NodeId) -> Result<(), Rejection> {
    let state = draft.state();
    let interfaces = interfaces_of(state, id);
    let addresses: Vec<_> =
        interfaces.flat_map(|interface| addresses_of(state, interface)).collect();
    for address in addresses {
        if draft.row::<StaticIpAddress>(&address)?.value.alloc_type == AllocType::Auto {
            draft.modify::<StaticIpAddress>(&address, |row| row.ip = None)?;
        }
    }
    Ok(())
}
