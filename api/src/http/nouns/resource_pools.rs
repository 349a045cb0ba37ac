//! `/v1/pools`.

use crate::http::nouns::edits::edits;
use crate::http::resource::{Field, Resource, field};
use regent_core::command::Command;
use regent_core::command::resource_pool::ResourcePoolPatch;
use regent_core::model::resource_pool::ResourcePool;

/// Resource pools over HTTP.
pub struct ResourcePools;

impl Resource for ResourcePools {
    type Stored = ResourcePool;
    type Draft = ResourcePoolPatch;
    const PATH: &'static str = "pools";
    const SINGULAR: &'static str = "pool";
    const ABOUT: &'static str = "A resource pool: machines that are given out together.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(required name: String, "Its name; unique."),
        field!(description: String, "Free text for people."),
    ];

    edits!(Command::ResourcePool, |_| {
        Ok(ResourcePool { name: String::new(), description: String::new() })
    });
}
