//! Where resource pools are listed and what they refer to.

use crate::id::ResourcePoolId;
use crate::model::resource_pool::ResourcePool;
use crate::state::index::{Indexed, Listing};

impl Indexed<ResourcePoolId> for ResourcePool {
    fn index(&self, id: &ResourcePoolId, listing: &mut Listing<'_>) {
        listing.entry(|indexes| &mut indexes.pools_by_name, self.name.clone(), *id);
    }
}
