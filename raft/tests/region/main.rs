//! Three region nodes over real sockets and real logs: write anywhere, read anywhere, lose a node, come back.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod group;
mod membership;
mod snapshots;
mod writes;
