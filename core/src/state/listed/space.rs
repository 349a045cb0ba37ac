//! Where spaces are listed and what they refer to.

use crate::id::SpaceId;
use crate::model::space::Space;
use crate::state::index::{Indexed, Listing};

impl Indexed<SpaceId> for Space {
    fn index(&self, id: &SpaceId, listing: &mut Listing<'_>) {
        listing.entry(|indexes| &mut indexes.spaces_by_name, self.name.clone(), *id);
    }
}
