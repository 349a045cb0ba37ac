//! Spaces: names are unique; VLANs lose a space that is deleted.

use crate::apply::draft::Draft;
use crate::apply::noun::{Noun, unique};
use crate::apply::text::{NameRule, check_name, check_not_generated, check_text};
use crate::id::SpaceId;
use crate::model::space::Space;
use crate::model::vlan::Vlan;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

/// What MAAS shows for VLANs without space.
const RESERVED_NAME: &str = "undefined";

impl Noun for Space {
    fn checked(draft: &Draft, id: Option<SpaceId>, mut space: Self) -> Result<Self, Rejection> {
        check_text("description", &space.description)?;
        if space.name.is_empty() {
            // A new one gets its name once its id is known.
            let Some(id) = id else { return Ok(space) };
            space.name = format!("space-{id}");
        }
        check_name("name", &space.name, NameRule::Word)?;
        check_not_generated(&space.name, "space", id.map(|id| id.0))?;
        if space.name == RESERVED_NAME {
            return Err(Rejection::invalid("name", "means that there is no space"));
        }
        let holders = &draft.state().indexes().spaces_by_name;
        unique::<Self, _>("name", holders, &space.name, id, &space.name)?;
        Ok(space)
    }

    fn created(draft: &mut Draft, id: SpaceId) -> Result<(), Rejection> {
        if draft.row::<Self>(&id)?.value.name.is_empty() {
            draft.modify::<Self>(&id, |space| space.name = format!("space-{id}"))?;
        }
        Ok(())
    }

    fn before_delete(draft: &mut Draft, id: SpaceId) -> Result<(), Rejection> {
        for vlan in draft.referring::<Vlan>(&Self::object(&id))? {
            draft.modify::<Vlan>(&vlan, |vlan| vlan.space = None)?;
        }
        Ok(())
    }
}
