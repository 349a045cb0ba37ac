//! Interfaces: names unique on their node, cards' MAC addresses unique in the region, and made of each other without loops.

mod parents;

use crate::apply::draft::{CASCADE_MAX, Draft};
use crate::apply::link;
use crate::apply::noun::{self, Noun, unique};
use crate::apply::parameters::check_parameters;
use crate::apply::text::{NAME_CHARS_MAX, check_length};
use crate::id::{InterfaceId, NodeId};
use crate::model::interface::{
    INTERFACE_NAME_BYTES_MAX, Interface, InterfaceType, NODE_INTERFACES_MAX,
};
use crate::model::node::Node;
use crate::model::vlan::Vlan;
use crate::net::mac::MacAddr;
use crate::query::owned::{addresses_of, interfaces_of};
use crate::rejection::Rejection;
use crate::state::tables::Stored;

/// Tags of one interface.
const TAGS_MAX: usize = 64;

impl Noun for Interface {
    fn checked(
        draft: &Draft,
        id: Option<InterfaceId>,
        mut interface: Self,
    ) -> Result<Self, Rejection> {
        interface.node = draft.existing_if_any::<Node>("node", interface.node)?;
        interface.vlan = draft.existing_if_any::<Vlan>("vlan", interface.vlan)?;
        let mut interface = parents::checked(draft, id, interface)?;
        check_plain(&interface)?;
        check_node(&interface)?;
        if let Some(node) = interface.node {
            let names = &draft.state().indexes().interfaces_by_name;
            let name = (node, interface.name.as_str().into());
            unique::<Self, _>("name", names, &name, id, &interface.name)?;
            check_room(draft, id, node)?;
        }
        parents::inherit(draft, &mut interface)?;
        check_mac(draft, id, &interface)?;
        Ok(interface)
    }

    /// A card that turns up on a node is no longer an unknown one.
    fn created(draft: &mut Draft, id: InterfaceId) -> Result<(), Rejection> {
        let interface = draft.row::<Self>(&id)?.value.clone();
        let (InterfaceType::Physical, Some(mac)) =
            (interface.interface_type, interface.mac_address)
        else {
            return Ok(());
        };
        let same: Vec<_> = draft.state().indexes().interfaces_by_mac.under(&mac).copied().collect();
        for other in same {
            if draft.row::<Self>(&other)?.value.interface_type == InterfaceType::Unknown {
                remove(draft, other)?;
            }
        }
        Ok(())
    }

    fn updated(draft: &mut Draft, id: InterfaceId, before: &Self) -> Result<(), Rejection> {
        let now = draft.row::<Self>(&id)?.value.clone();
        if now.mac_address != before.mac_address {
            hand_down_mac(draft, id, now.mac_address)?;
        }
        if now.vlan != before.vlan && !on_rack(draft, &now) {
            link::leave(draft, id, now.vlan)?;
        }
        Ok(())
    }

    fn before_delete(draft: &mut Draft, id: InterfaceId) -> Result<(), Rejection> {
        for made in left_of_nothing(draft, id)? {
            let_go(draft, made)?;
            draft.delete::<Self>(&made)?;
        }
        let_go(draft, id)
    }
}

/// Takes an interface out of what was made of it, and what is left of nothing then out of what was made of that: all
/// that goes with it. A list and not a way down, which could be long.
fn left_of_nothing(draft: &mut Draft, id: InterfaceId) -> Result<Vec<InterfaceId>, Rejection> {
    let (mut gone, mut open) = (Vec::new(), vec![id]);
    while let Some(below) = open.pop() {
        for made in draft.referring::<Interface>(&Interface::object(&below))? {
            // No loop of rows can make a loop here, since this reference is gone.
            draft.modify::<Interface>(&made, |made| {
                made.parents.remove(&below);
            })?;
            if made != id && draft.row::<Interface>(&made)?.value.parents.is_empty() {
                gone.push(made);
                open.push(made);
            }
        }
        if gone.len() > CASCADE_MAX {
            let what = format!("number of interfaces made of {}", Interface::object(&id));
            return Err(Rejection::Limit { what, max: CASCADE_MAX as u64 });
        }
    }
    Ok(gone)
}

/// Makes everything let go of an interface that nothing is made of.
fn let_go(draft: &mut Draft, id: InterfaceId) -> Result<(), Rejection> {
    for node in draft.referring::<Node>(&Interface::object(&id))? {
        draft.modify::<Node>(&node, |node| node.boot_interface = None)?;
    }
    let addresses: Vec<_> = addresses_of(draft.state(), id).collect();
    addresses.into_iter().try_for_each(|address| link::detach(draft, id, address))
}

/// Removes an interface with its links and with what was made of it alone.
pub(in crate::apply) fn remove(draft: &mut Draft, id: InterfaceId) -> Result<(), Rejection> {
    noun::delete::<Interface>(draft, id)
}

/// Tagged VLANs have the address of what they are on.
fn hand_down_mac(
    draft: &mut Draft,
    id: InterfaceId,
    mac: Option<MacAddr>,
) -> Result<(), Rejection> {
    for child in draft.referring::<Interface>(&Interface::object(&id))? {
        if draft.row::<Interface>(&child)?.value.interface_type == InterfaceType::Vlan {
            draft.modify::<Interface>(&child, |child| child.mac_address = mac)?;
        }
    }
    Ok(())
}

/// Racks tell where they are plugged in; their addresses stay what they are.
fn on_rack(draft: &Draft, interface: &Interface) -> bool {
    let node = interface.node.and_then(|node| draft.state().get::<Node>(&node));
    node.is_some_and(|node| node.value.node_type.is_rack())
}

fn check_plain(interface: &Interface) -> Result<(), Rejection> {
    check_name(&interface.name)?;
    check_parameters("params", &interface.params)?;
    if interface.tags.len() > TAGS_MAX {
        return Err(Rejection::invalid("tags", format!("more than {TAGS_MAX}")));
    }
    interface.tags.iter().try_for_each(|tag| check_length("tags", tag, NAME_CHARS_MAX))?;
    if !interface.link_connected && interface.link_speed != 0 {
        return Err(Rejection::invalid("link_speed", "a link that is not there has no speed"));
    }
    let texts = [
        ("firmware_version", &interface.firmware_version),
        ("vendor", &interface.vendor),
        ("product", &interface.product),
    ];
    texts.into_iter().try_for_each(|(field, text)| {
        text.as_ref().map_or(Ok(()), |text| check_length(field, text, NAME_CHARS_MAX))
    })
}

/// Refuses one more interface on a node that has as many as one may have.
fn check_room(draft: &Draft, id: Option<InterfaceId>, node: NodeId) -> Result<(), Rejection> {
    let before = id.and_then(|id| draft.state().get::<Interface>(&id));
    if before.is_some_and(|before| before.value.node == Some(node)) {
        return Ok(());
    }
    if interfaces_of(draft.state(), node).count() < NODE_INTERFACES_MAX {
        return Ok(());
    }
    let what = format!("number of interfaces of {}", Node::object(&node));
    Err(Rejection::Limit { what, max: NODE_INTERFACES_MAX as u64 })
}

fn check_node(interface: &Interface) -> Result<(), Rejection> {
    match (interface.interface_type, interface.node) {
        (InterfaceType::Unknown, Some(_)) => {
            Err(Rejection::invalid("node", "an unknown interface belongs to no node"))
        }
        (InterfaceType::Unknown, None) => Ok(()),
        (_, None) => Err(Rejection::invalid("node", "must not be empty")),
        (_, Some(_)) => Ok(()),
    }
}

/// A card's address is no other card's. Bonds, bridges and VLANs may share one within their node. An unknown interface
/// shares with nobody.
fn check_mac(
    draft: &Draft,
    id: Option<InterfaceId>,
    interface: &Interface,
) -> Result<(), Rejection> {
    let before = id.and_then(|id| draft.state().get::<Interface>(&id));
    if before.is_some_and(|before| before.value.mac_address == interface.mac_address) {
        return Ok(());
    }
    let Some(mac) = interface.mac_address else {
        return Err(Rejection::invalid("mac_address", "must not be empty"));
    };
    if mac.is_multicast() {
        return Err(Rejection::invalid("mac_address", format!("{mac} is a multicast address")));
    }
    for other in draft.state().indexes().interfaces_by_mac.under(&mac) {
        let holder = &draft.row::<Interface>(other)?.value;
        let shared = match (interface.interface_type, holder.interface_type) {
            (InterfaceType::Physical, InterfaceType::Physical) | (InterfaceType::Unknown, _) => {
                false
            }
            (InterfaceType::Physical, InterfaceType::Unknown) => true,
            (_, _) => holder.node == interface.node,
        };
        if !shared && Some(*other) != id {
            return Err(Rejection::NotUnique {
                field: "mac_address".into(),
                value: mac.to_string(),
                holder: Interface::object(other),
            });
        }
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), Rejection> {
    let plain = name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
    if name.is_empty() || name.len() > INTERFACE_NAME_BYTES_MAX || !plain {
        let want = format!("wants 1 to {INTERFACE_NAME_BYTES_MAX} visible characters without '/'");
        return Err(Rejection::invalid("name", want));
    }
    Ok(())
}
