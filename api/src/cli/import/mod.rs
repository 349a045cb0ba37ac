//! Bringing the state of an existing MAAS site into Regent.
//!
//! This room reads: from a file or a pipe to a checked [`dump::Dump`] of typed rows. It does not know Regent's own
//! model and sends nothing to a cluster.

pub mod archive;
pub mod database;
pub mod digest;
pub mod dump;
pub mod error;
pub mod oddity;
pub mod pg_dump;
pub mod recent_events;
pub mod record;
pub mod source;
pub mod tables;
pub mod timestamp;
pub mod value;
pub mod version;
