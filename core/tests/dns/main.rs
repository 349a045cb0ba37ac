//! DNS from commands to answers: MAAS's naming rules, lookups, serials, and the view that follows the state.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

#[path = "../beginning/mod.rs"]
mod beginning;
#[path = "../random_commands/mod.rs"]
mod random_commands;
#[path = "../region/mod.rs"]
mod region;

mod answers;
mod exchange;
mod following;
mod names;
mod renaming;
mod reverse;
mod serials;
mod site;
mod sizes;
