//! Fabrics: names are unique, each is born with its untagged VLAN, and goes with its VLANs once nothing is on them.

use crate::apply::draft::Draft;
use crate::apply::noun::{Noun, unique};
use crate::apply::text::check_text;
use crate::apply::text::{NAME_CHARS_MAX, NameRule, check_length, check_name, check_not_generated};
use crate::id::FabricId;
use crate::model::fabric::Fabric;
use crate::model::global_defaults::{GLOBAL_DEFAULTS, GlobalDefaults};
use crate::model::interface::Interface;
use crate::model::subnet::Subnet;
use crate::model::vlan::Vlan;
use crate::object::ObjectRef;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

impl Noun for Fabric {
    fn checked(draft: &Draft, id: Option<FabricId>, mut fabric: Self) -> Result<Self, Rejection> {
        check_text("description", &fabric.description)?;
        if let Some(class_type) = &fabric.class_type {
            check_length("class_type", class_type, NAME_CHARS_MAX)?;
        }
        if fabric.name.is_empty() {
            // A new one gets its name once its id is known.
            let Some(id) = id else { return Ok(fabric) };
            fabric.name = format!("fabric-{id}");
        }
        check_name("name", &fabric.name, NameRule::Word)?;
        check_not_generated(&fabric.name, "fabric", id.map(|id| id.0))?;
        let holders = &draft.state().indexes().fabrics_by_name;
        unique::<Self, _>("name", holders, &fabric.name, id, &fabric.name)?;
        Ok(fabric)
    }

    fn created(draft: &mut Draft, id: FabricId) -> Result<(), Rejection> {
        if draft.row::<Self>(&id)?.value.name.is_empty() {
            draft.modify::<Self>(&id, |fabric| fabric.name = format!("fabric-{id}"))?;
        }
        draft.create(Vlan::new(id, 0)).map(drop)
    }

    fn before_delete(draft: &mut Draft, id: FabricId) -> Result<(), Rejection> {
        let object = Self::object(&id);
        let defaults = draft.state().get::<GlobalDefaults>(&GLOBAL_DEFAULTS);
        if defaults.is_some_and(|defaults| defaults.value.fabric == id) {
            return Err(Rejection::InUse { object, by: GlobalDefaults::object(&GLOBAL_DEFAULTS) });
        }
        let vlans = draft.referring::<Vlan>(&object)?;
        for vlan in &vlans {
            if let Some(by) = on_it(draft, &Vlan::object(vlan)) {
                return Err(Rejection::InUse { object, by });
            }
        }
        // The default VLAN is the first: the others hand nothing on to it, but it may only go last.
        vlans.into_iter().rev().try_for_each(|vlan| {
            crate::apply::vlan::forget_relays(draft, vlan)?;
            draft.delete::<Vlan>(&vlan)
        })
    }
}

/// A subnet or interface on a VLAN.
fn on_it(draft: &Draft, vlan: &ObjectRef) -> Option<ObjectRef> {
    let subnet = draft.state().referrers::<Subnet>(vlan).next().map(|id| Subnet::object(&id));
    subnet.or_else(|| {
        draft.state().referrers::<Interface>(vlan).next().map(|id| Interface::object(&id))
    })
}
