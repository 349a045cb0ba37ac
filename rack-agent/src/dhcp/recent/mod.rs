//! What the rack remembers of the last minutes. All of it bounded, none of it durable, and nothing safe rests on it.

pub mod bucket;
pub mod decline;
pub mod left;
pub mod memory;
pub mod newcomer;
pub mod offer;
pub mod sighting;
pub mod spent;
pub mod sweep;
