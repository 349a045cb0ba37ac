//! Resource pools: names are unique, and a pool goes only when no machine is in it.

use crate::apply::draft::Draft;
use crate::apply::noun::{Noun, unique};
use crate::apply::text::{NameRule, check_name, check_text};
use crate::id::ResourcePoolId;
use crate::model::resource_pool::ResourcePool;
use crate::rejection::Rejection;

impl Noun for ResourcePool {
    fn checked(draft: &Draft, id: Option<ResourcePoolId>, pool: Self) -> Result<Self, Rejection> {
        check_name("name", &pool.name, NameRule::Model)?;
        check_text("description", &pool.description)?;
        let holders = &draft.state().indexes().pools_by_name;
        unique::<Self, _>("name", holders, &pool.name, id, &pool.name)?;
        Ok(pool)
    }
}
