//! Bringing the state of an existing MAAS site into Regent.
//!
//! A file or a pipe is read to a checked [`dump::Dump`] of typed rows, which knows nothing of Regent; [`mapping`] makes
//! a site of Regent's own model of it, [`delivery`] brings that to a region, and [`command`] is the whole way.

pub mod archive;
pub mod command;
pub mod database;
pub mod delivery;
pub mod difference;
pub mod digest;
pub mod dump;
pub mod error;
pub mod foreign;
pub mod mapping;
pub mod oddity;
pub mod pg_dump;
pub mod progress;
pub mod recent_events;
pub mod record;
pub mod source;
pub mod standing;
pub mod summary;
pub mod tables;
pub mod transfer;
pub mod value;
pub mod version;
pub mod warnings;
