//! Views of racks on the wire: a change is written as messages (`parts::write`), and those are joined to the change again
//! (`parts::Parts`).
//!
//! Each file reads and writes one thing, within the limits of `regent_core::rack_view` in both directions.

mod address;
mod boot;
mod each;
mod host;
mod lease;
mod options;
pub mod parts;
mod subnet;
mod vlan;
