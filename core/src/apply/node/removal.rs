//! What goes or changes when a node goes.

use crate::apply::draft::Draft;
use crate::apply::noun;
use crate::apply::owner_data;
use crate::id::NodeId;
use crate::model::dhcp_snippet::DhcpSnippet;
use crate::model::interface::Interface;
use crate::model::node::Node;
use crate::model::vlan::Vlan;
use crate::object::ObjectRef;
use crate::query::owned::interfaces_of;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

/// Makes everything let go of a node that is about to be deleted.
pub(in crate::apply::node) fn prepare(draft: &mut Draft, id: NodeId) -> Result<(), Rejection> {
    let object = Node::object(&id);
    if draft.row::<Node>(&id)?.value.locked {
        let reason = "unlock it before deleting it".to_owned();
        return Err(Rejection::StateForbids { object, state: "locked".into(), reason });
    }
    hand_on_dhcp(draft, id, &object)?;
    for child in draft.referring::<Node>(&object)? {
        // The reference goes first, so that no loop of imported rows can make a loop here.
        draft.modify::<Node>(&child, |child| child.parent = None)?;
        noun::delete::<Node>(draft, child)?;
    }
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

/// A VLAN served by the node is left to the other rack; DHCP goes off where there is none.
fn hand_on_dhcp(draft: &mut Draft, id: NodeId, object: &ObjectRef) -> Result<(), Rejection> {
    for vlan in draft.referring::<Vlan>(object)? {
        draft.modify::<Vlan>(&vlan, |vlan| {
            if vlan.secondary_rack == Some(id) {
                vlan.secondary_rack = None;
            }
            if vlan.primary_rack == Some(id) {
                vlan.primary_rack = vlan.secondary_rack.take();
                vlan.dhcp_on &= vlan.primary_rack.is_some();
            }
        })?;
    }
    Ok(())
}
