//! The bugs planted in `raft` do what they are called after, so that a harness which misses one can be blamed for it.
//!
//! All of a test is on one thread, so that its bug is its own.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

#[path = "../log_store_recovery/fixture.rs"]
#[expect(dead_code, reason = "little is done to these logs")]
mod fixture;
#[path = "../region/group.rs"]
#[expect(dead_code, reason = "little is done to these groups")]
mod group;
mod log;
mod nodes;
mod snapshot;
