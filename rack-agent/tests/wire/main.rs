//! Packets on real interfaces, in network namespaces of the test's own, and on the wire that needs none.
//!
//! The namespaces need root; without it those tests print `SKIPPED`.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod client;
mod hearing;
mod interfaces;
mod lab;
mod loopback;
mod namespace;
mod probing;
mod replies;
mod searching;
