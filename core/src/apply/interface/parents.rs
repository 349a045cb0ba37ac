//! What interfaces may be made of, by type, and what they take over from it.

use crate::apply::depth::Depth;
use crate::apply::draft::Draft;
use crate::id::InterfaceId;
use crate::model::interface::{INTERFACE_LEVELS_MAX, Interface, InterfaceType};
use crate::model::vlan::Vlan;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

/// Interfaces one may be made of.
const PARENTS_MAX: usize = 64;
/// How deep interfaces may be made of one another.
const DEPTH: Depth = Depth {
    field: "parents",
    levels_max: INTERFACE_LEVELS_MAX,
    leads_back: "an interface cannot be made of itself",
    lie: "above one another",
};

/// The interface with its parents resolved, if it may be made of them.
pub(in crate::apply::interface) fn checked(
    draft: &Draft,
    id: Option<InterfaceId>,
    mut interface: Interface,
) -> Result<Interface, Rejection> {
    if interface.parents.len() > PARENTS_MAX {
        return Err(Rejection::invalid("parents", format!("more than {PARENTS_MAX}")));
    }
    let parents = interface.parents.iter();
    interface.parents =
        parents.map(|id| draft.existing::<Interface>("parents", *id)).collect::<Result<_, _>>()?;
    check_count(&interface)?;
    for parent in &interface.parents {
        let row = &draft.row::<Interface>(parent)?.value;
        if row.node != interface.node {
            return Err(Rejection::invalid("parents", format!("{parent} belongs to another node")));
        }
        check_type(interface.interface_type, row.interface_type)?;
        check_unused(draft, id, interface.interface_type, *parent)?;
    }
    check_depth(draft, id, &interface)?;
    Ok(interface)
}

/// Puts in what an interface has from its parents: a tagged VLAN's address always, others' where nothing else is said.
pub(in crate::apply::interface) fn inherit(
    draft: &Draft,
    interface: &mut Interface,
) -> Result<(), Rejection> {
    let Some(first) = interface.parents.first() else { return Ok(()) };
    let parent = &draft.row::<Interface>(first)?.value;
    match interface.interface_type {
        InterfaceType::Vlan => {
            interface.mac_address = parent.mac_address;
            check_tagged(draft, interface, parent)
        }
        InterfaceType::Bond | InterfaceType::Bridge => {
            interface.mac_address = interface.mac_address.or(parent.mac_address);
            interface.vlan = interface.vlan.or(parent.vlan);
            Ok(())
        }
        InterfaceType::Physical | InterfaceType::Unknown => Ok(()),
    }
}

fn check_count(interface: &Interface) -> Result<(), Rejection> {
    let count = interface.parents.len();
    let (right, want) = match interface.interface_type {
        InterfaceType::Physical | InterfaceType::Unknown => (count == 0, "none"),
        InterfaceType::Vlan => (count == 1, "exactly one"),
        InterfaceType::Bond | InterfaceType::Bridge => (count >= 1, "one or more"),
    };
    if right {
        return Ok(());
    }
    let name = interface.interface_type.name();
    Err(Rejection::invalid("parents", format!("a {name} interface has {want}")))
}

fn check_type(child: InterfaceType, parent: InterfaceType) -> Result<(), Rejection> {
    let right = match child {
        InterfaceType::Physical | InterfaceType::Unknown => false,
        InterfaceType::Bond => parent == InterfaceType::Physical,
        InterfaceType::Bridge => {
            parent != InterfaceType::Bridge && parent != InterfaceType::Unknown
        }
        InterfaceType::Vlan => parent != InterfaceType::Vlan && parent != InterfaceType::Unknown,
    };
    if right {
        return Ok(());
    }
    let reason = format!("a {} interface cannot be made of a {} one", child.name(), parent.name());
    Err(Rejection::invalid("parents", reason))
}

/// A bond has its cards for itself, what is in a bond carries nothing else, and nothing is in two bridges.
fn check_unused(
    draft: &Draft,
    id: Option<InterfaceId>,
    child: InterfaceType,
    parent: InterfaceId,
) -> Result<(), Rejection> {
    let object = Interface::object(&parent);
    for other in draft.state().referrers::<Interface>(&object) {
        let sibling = draft.row::<Interface>(&other)?.value.interface_type;
        let clash = match child {
            InterfaceType::Bond | InterfaceType::Physical | InterfaceType::Unknown => true,
            InterfaceType::Bridge => {
                matches!(sibling, InterfaceType::Bond | InterfaceType::Bridge)
            }
            InterfaceType::Vlan => sibling == InterfaceType::Bond,
        };
        if clash && Some(other) != id {
            return Err(Rejection::InUse { object, by: Interface::object(&other) });
        }
    }
    Ok(())
}

/// An interface comes to stand on others with all that is made of it.
fn check_depth(
    draft: &Draft,
    id: Option<InterfaceId>,
    interface: &Interface,
) -> Result<(), Rejection> {
    let state = draft.state();
    let before = id.and_then(|id| state.get::<Interface>(&id));
    if before.is_some_and(|before| before.value.parents == interface.parents) {
        return Ok(());
    }
    let up = |id| {
        let row = state.get::<Interface>(&id);
        row.map(|row| row.value.parents.iter().copied().collect()).unwrap_or_default()
    };
    let down = |id| state.referrers::<Interface>(&Interface::object(&id)).collect();
    DEPTH.check(id, interface.parents.clone(), up, down)
}

/// A tagged VLAN is one of the fabric its parent is plugged into.
fn check_tagged(draft: &Draft, interface: &Interface, parent: &Interface) -> Result<(), Rejection> {
    let Some(vlan) = interface.vlan else {
        return Err(Rejection::invalid("vlan", "a vlan interface is on a tagged VLAN"));
    };
    let vlan = &draft.row::<Vlan>(&vlan)?.value;
    if vlan.vid == 0 {
        return Err(Rejection::invalid("vlan", "a vlan interface is on a tagged VLAN"));
    }
    let Some(outer) = parent.vlan else { return Ok(()) };
    if draft.row::<Vlan>(&outer)?.value.fabric == vlan.fabric {
        return Ok(());
    }
    Err(Rejection::invalid("vlan", "is on another fabric than the interface below"))
}
