//! What racks are told, as a specification: of their VLANs, hosts and leases, and of what is different after a change.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

#[path = "../beginning/mod.rs"]
mod beginning;
mod configuration;
mod copy;
mod following;
mod hosts;
mod missing;
mod racks_world;
#[path = "../random_commands/mod.rs"]
mod random_commands;
#[path = "../region/mod.rs"]
mod region;
#[path = "../racks/site.rs"]
#[expect(dead_code, reason = "not all of it is asked for here")]
mod site;
mod touching;
