//! The DNS server by its answers: asked with `dig`, with raw packets, and by a real secondary.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod bad_packets;
mod dig;
mod digging;
mod forwarding;
mod node;
mod packets;
mod secondary;
mod skip;
