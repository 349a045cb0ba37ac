//! Where fabrics are listed and what they refer to.

use crate::id::FabricId;
use crate::model::fabric::Fabric;
use crate::state::index::{Indexed, Listing};

impl Indexed<FabricId> for Fabric {
    fn index(&self, id: &FabricId, listing: &mut Listing<'_>) {
        listing.entry(|indexes| &mut indexes.fabrics_by_name, self.name.clone(), *id);
    }
}
