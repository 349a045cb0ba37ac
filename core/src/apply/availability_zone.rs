//! Availability zones: names are unique; the nodes of a deleted zone move to the default one.

use crate::apply::draft::Draft;
use crate::apply::noun::{Noun, unique};
use crate::apply::site::defaults;
use crate::apply::text::{NameRule, check_name, check_text};
use crate::id::AvailabilityZoneId;
use crate::model::availability_zone::AvailabilityZone;
use crate::model::node::Node;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

impl Noun for AvailabilityZone {
    fn checked(
        draft: &Draft,
        id: Option<AvailabilityZoneId>,
        zone: Self,
    ) -> Result<Self, Rejection> {
        check_name("name", &zone.name, NameRule::Model)?;
        check_text("description", &zone.description)?;
        let holders = &draft.state().indexes().zones_by_name;
        unique::<Self, _>("name", holders, &zone.name, id, &zone.name)?;
        Ok(zone)
    }

    fn before_delete(draft: &mut Draft, id: AvailabilityZoneId) -> Result<(), Rejection> {
        let home = defaults(draft)?.zone;
        if id == home {
            return Ok(());
        }
        for node in draft.referring::<Node>(&Self::object(&id))? {
            draft.modify::<Node>(&node, |node| node.zone = home)?;
        }
        Ok(())
    }
}
