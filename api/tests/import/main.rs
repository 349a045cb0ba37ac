//! The importer against whole dumps. What a single rule does is tested beside its code.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod bad_dumps;
mod delivery;
#[path = "../dev_cluster/mod.rs"]
mod dev_cluster;
#[path = "../dns/dig.rs"]
mod dig;
mod dns_answers;
mod edited;
mod expected;
mod facts;
mod fake_region;
mod foreign_files;
mod hand;
mod identity;
mod imported;
mod inserts;
mod mapping;
mod nodes;
mod odd_rows;
mod postgres;
mod region;
mod replacement;
mod secrets;
mod shared;
mod shown;
#[path = "../dns/skip.rs"]
mod skip;
mod summary;
mod watchers;
