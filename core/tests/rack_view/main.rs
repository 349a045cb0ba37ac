//! What racks are told, as a specification: of their VLANs, hosts and leases, and of what is different after a change.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

#[path = "../beginning/mod.rs"]
mod beginning;
mod copy;
mod following;
#[path = "../random_commands/mod.rs"]
mod random_commands;
#[path = "../region/mod.rs"]
mod region;
