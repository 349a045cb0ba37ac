//! Commands about resource pools.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::ResourcePoolId;
use crate::model::resource_pool::ResourcePool;

/// A change of the resource pools.
pub type ResourcePoolCommand = Edit<ResourcePool, ResourcePoolPatch, ResourcePoolId>;

patch! {
    /// Changed fields of a resource pool.
    ResourcePoolPatch of ResourcePool {
        /// Its name.
        name: String,
        /// Free text for people.
        description: String,
    }
}
