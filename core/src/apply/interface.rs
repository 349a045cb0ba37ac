//! Interfaces: names unique on their node, hardware addresses unique in the region.

use crate::apply::draft::Draft;
use crate::command::interface::InterfaceCommand;
use crate::id::InterfaceId;
use crate::model::interface::{INTERFACE_NAME_BYTES_MAX, Interface};
use crate::model::node::Node;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

pub(in crate::apply) fn run(
    draft: &mut Draft,
    command: &InterfaceCommand,
) -> Result<Outcome, Rejection> {
    match command {
        InterfaceCommand::Create(interface) => {
            let id = create(draft, interface.clone())?;
            Ok(Outcome::Created(Interface::object(&id)))
        }
        InterfaceCommand::Update { id, patch } => {
            let id = draft.resolve::<Interface>(*id)?;
            let before = draft.row::<Interface>(&id)?.clone();
            let mut interface = before.value.clone();
            patch.clone().apply_to(&mut interface);
            check(draft, Some(id), &interface)?;
            draft.replace(&id, &before, interface);
            Ok(Outcome::Updated(Interface::object(&id)))
        }
        InterfaceCommand::Delete { id } => {
            let id = draft.resolve::<Interface>(*id)?;
            draft.row::<Interface>(&id)?;
            draft.delete::<Interface>(&id)?;
            Ok(Outcome::Deleted(Interface::object(&id)))
        }
    }
}

/// Adds an interface to its node.
pub(in crate::apply) fn create(
    draft: &mut Draft,
    mut interface: Interface,
) -> Result<InterfaceId, Rejection> {
    interface.node = draft.existing::<Node>("node", interface.node)?;
    check(draft, None, &interface)?;
    draft.create(interface)
}

fn check(draft: &Draft, id: Option<InterfaceId>, interface: &Interface) -> Result<(), Rejection> {
    check_name(&interface.name)?;
    let indexes = draft.state().indexes();
    let others = indexes.interfaces_by_node.under(&interface.node).filter(|o| Some(**o) != id);
    for other in others {
        if draft.row::<Interface>(other)?.value.name == interface.name {
            return Err(taken("name", &interface.name, *other));
        }
    }
    let Some(mac) = interface.mac_address else { return Ok(()) };
    match indexes.interfaces_by_mac.under(&mac).find(|holder| Some(**holder) != id) {
        Some(holder) => Err(taken("mac_address", &mac, *holder)),
        None if mac.is_multicast() => {
            Err(Rejection::invalid("mac_address", format!("{mac} is a multicast address")))
        }
        None => Ok(()),
    }
}

fn taken(field: &str, value: &dyn std::fmt::Display, holder: InterfaceId) -> Rejection {
    let holder = Interface::object(&holder);
    Rejection::NotUnique { field: field.to_owned(), value: value.to_string(), holder }
}

fn check_name(name: &str) -> Result<(), Rejection> {
    let plain = name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
    if name.is_empty() || name.len() > INTERFACE_NAME_BYTES_MAX || !plain {
        let want = format!("wants 1 to {INTERFACE_NAME_BYTES_MAX} visible characters without '/'");
        return Err(Rejection::invalid("name", want));
    }
    Ok(())
}
