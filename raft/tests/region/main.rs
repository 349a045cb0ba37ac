//! Three region nodes over real sockets and real logs: write anywhere, read anywhere, lose a node, come back.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod freshness;
mod group;
mod membership;
mod notes;
#[path = "../network/proxy.rs"]
#[expect(dead_code, reason = "the tests of the transport cut cables in more ways than these")]
mod proxy;
mod snapshots;
mod writes;
