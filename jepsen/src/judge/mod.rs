//! Whether a cluster kept its word: every acknowledged write is there, once, and nothing that was refused.
//!
//! [`violation`] (what can be wrong), [`expected`] (what the clients were told), [`committed`] (against the log on the
//! nodes' disks), [`objects`] (against what a node shows over HTTP), [`liveness`] (whether it answers at all), [`breakage`]
//! (what no node may ever say), [`order`] (revisions against time), [`addresses`] (one holder each), [`names`] (what the name
//! service says), [`leases`] (what racks were granted), [`after_load`] (all of it that takes a whole cluster).

pub mod addresses;
pub mod after_load;
pub mod breakage;
pub mod committed;
pub mod expected;
pub mod leases;
pub mod liveness;
pub mod names;
pub mod objects;
pub mod order;
pub mod violation;
