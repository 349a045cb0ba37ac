//! What goes or changes when a node goes.

use crate::apply::draft::{CASCADE_MAX, Draft};
use crate::apply::noun;
use crate::apply::owner_data;
use crate::apply::rack_event::{LEVEL_INFO, LEVEL_WARNING, Told, note};
use crate::apply::rack_token;
use crate::id::{NodeId, VlanId};
use crate::model::dhcp_snippet::DhcpSnippet;
use crate::model::interface::Interface;
use crate::model::node::Node;
use crate::model::vlan::Vlan;
use crate::object::ObjectRef;
use crate::query::owned::interfaces_of;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

/// VLANs that one event names.
const VLANS_TOLD_MAX: usize = 16;

/// Makes everything let go of a node that is about to be deleted. What is inside it is deleted with it.
pub(in crate::apply::node) fn prepare(draft: &mut Draft, id: NodeId) -> Result<(), Rejection> {
    for inner in taken_out(draft, id)? {
        let_go(draft, inner)?;
        draft.delete::<Node>(&inner)?;
    }
    let_go(draft, id)
}

/// Takes everything out of a node, and out of that, level by level: what goes with it. A list and not a way down,
/// which could be as long as the site is large.
fn taken_out(draft: &mut Draft, id: NodeId) -> Result<Vec<NodeId>, Rejection> {
    let (mut out, mut open) = (Vec::new(), vec![id]);
    while let Some(outer) = open.pop() {
        for inner in draft.referring::<Node>(&Node::object(&outer))? {
            // No longer inside anything, so that no loop of rows can make a loop here.
            draft.modify::<Node>(&inner, |inner| inner.parent = None)?;
            if inner != id {
                out.push(inner);
                open.push(inner);
            }
        }
        if out.len() > CASCADE_MAX {
            let what = format!("number of nodes inside {}", Node::object(&id));
            return Err(Rejection::Limit { what, max: CASCADE_MAX as u64 });
        }
    }
    Ok(out)
}

/// Makes everything let go of a node that nothing is inside of.
fn let_go(draft: &mut Draft, id: NodeId) -> Result<(), Rejection> {
    let object = Node::object(&id);
    if draft.row::<Node>(&id)?.value.locked {
        let reason = "unlock it before deleting it".to_owned();
        return Err(Rejection::StateForbids { object, state: "locked".into(), reason });
    }
    hand_on_dhcp(draft, id, &object)?;
    rack_token::revoke_for(draft, id)?;
    for snippet in draft.referring::<DhcpSnippet>(&object)? {
        draft.delete::<DhcpSnippet>(&snippet)?;
    }
    owner_data::forget_all(draft, id)?;
    let interfaces: Vec<_> = interfaces_of(draft.state(), id).collect();
    for interface in interfaces {
        // It may have gone with another one it was made of.
        if draft.state().get::<Interface>(&interface).is_some() {
            noun::delete::<Interface>(draft, interface)?;
        }
    }
    Ok(())
}

/// A VLAN served by the node is left to its other racks; DHCP goes off where there is none. MAAS wants to be forced to the
/// latter; here somebody is told of it.
fn hand_on_dhcp(draft: &mut Draft, id: NodeId, object: &ObjectRef) -> Result<(), Rejection> {
    let (mut handed_on, mut off) = (Vec::new(), Vec::new());
    for vlan in draft.referring::<Vlan>(object)? {
        let before = draft.row::<Vlan>(&vlan)?.clone();
        draft.modify::<Vlan>(&vlan, |vlan| vlan.let_go_of(id))?;
        if before.value.dhcp_on {
            let is_on = draft.row::<Vlan>(&vlan)?.value.dhcp_on;
            let list = if is_on { &mut handed_on } else { &mut off };
            list.push(vlan);
        }
    }
    tell(draft, id, &handed_on, &off)
}

/// Notes that a rack goes, and what that means for its VLANs.
fn tell(
    draft: &mut Draft,
    id: NodeId,
    handed_on: &[VlanId],
    off: &[VlanId],
) -> Result<(), Rejection> {
    let node = &draft.row::<Node>(&id)?.value;
    if !node.node_type.is_rack() {
        return Ok(());
    }
    let level = if off.is_empty() { LEVEL_INFO } else { LEVEL_WARNING };
    let description = format!(
        "rack {} was removed; DHCP goes on without it on {}, and is off on {}",
        node.system_id,
        listed(handed_on),
        listed(off)
    );
    let event_type = "RACK_REMOVED";
    note(draft, id, Told { event_type, level, ip_address: None, description });
    Ok(())
}

/// The first VLANs of a list, and how many there are.
fn listed(vlans: &[VlanId]) -> String {
    let shown: Vec<_> = vlans.iter().take(VLANS_TOLD_MAX).map(ToString::to_string).collect();
    let more = if vlans.len() > shown.len() { ", …" } else { "" };
    match vlans.len() {
        0 => "no VLAN".to_owned(),
        1 => format!("VLAN {}", shown.join("")),
        count => format!("{count} VLANs ({}{more})", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

    use crate::apply::apply;
    use crate::apply::draft::CASCADE_MAX;
    use crate::command::node::NodeCommand;
    use crate::command::{Command, Proposal, Request};
    use crate::id::{AvailabilityZoneId, NodeId, SystemId};
    use crate::model::hostname::Hostname;
    use crate::model::node::{Node, NodeType};
    use crate::outcome::Outcome;
    use crate::rejection::Rejection;
    use crate::revision::Revision;
    use crate::state::State;
    use crate::state::meta::Meta;
    use crate::state::table::Row;
    use crate::time::{ClusterTime, WallTime};

    /// No stack of a thread in production is as small.
    const STACK_BYTES: usize = 256 << 10;

    /// Nodes each of which is inside the one before, as no command makes them.
    fn chain(length: u32) -> State {
        let mut state = State::new(Meta::default());
        for number in 1..=length {
            let name = Hostname::new(&format!("n{number}")).unwrap();
            let id = SystemId::nth(number.into());
            let mut node = Node::new(id, NodeType::Device, name, AvailabilityZoneId(1));
            node.parent = (number > 1).then(|| NodeId(number - 1));
            let (revision, time) = (Revision::default(), WallTime(0));
            let row = Row {
                created_revision: revision,
                revision,
                created: time,
                updated: time,
                value: node,
            };
            state.put(NodeId(number), row);
        }
        state
    }

    /// What deleting the outermost node of a chain comes to, and how many are left, where stack is scarce.
    fn deleted(length: u32) -> (Result<Outcome, Rejection>, usize) {
        let state = chain(length);
        let delete = move || {
            let command = Command::Node(Box::new(NodeCommand::Delete { id: NodeId(1) }));
            let request = Request {
                principal: "admin".into(),
                origin: None,
                key: None,
                guards: Vec::new(),
                command,
            };
            let (at, wall) = (ClusterTime::default(), WallTime(1));
            let applied = apply(&state, 1, &Proposal { at, wall, request });
            (applied.reply.result, applied.state.tables().nodes.len())
        };
        std::thread::Builder::new().stack_size(STACK_BYTES).spawn(delete).unwrap().join().unwrap()
    }

    #[test]
    fn outermost_node_goes_with_a_long_chain_inside_it() {
        let (result, left) = deleted(6000);
        assert!(matches!(result, Ok(Outcome::Deleted(_))), "{result:?}");
        assert_eq!(left, 0);
    }

    #[test]
    fn chain_longer_than_one_entry_may_touch_stays_whole() {
        let (result, left) = deleted(100_000);
        let limit = CASCADE_MAX as u64;
        assert!(matches!(result, Err(Rejection::Limit { max, .. }) if max == limit), "{result:?}");
        assert_eq!(left, 100_000);
    }
}
