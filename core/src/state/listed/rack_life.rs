//! Where lives of racks are listed. They outlive their racks.

use crate::id::RackLifeId;
use crate::model::rack_life::RackLife;
use crate::state::deadline::Deadline;
use crate::state::index::{Indexed, Listing};

impl Indexed<RackLifeId> for RackLife {
    fn index(&self, id: &RackLifeId, listing: &mut Listing<'_>) {
        listing.entry(|indexes| &mut indexes.rack_lives_by_rack, self.rack, *id);
        if let Some(over) = self.over {
            listing.entry(|indexes| &mut indexes.deadlines, over, Deadline::RackLife(*id));
        }
    }
}
