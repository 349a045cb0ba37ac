//! The DNS server by its answers: asked with `dig`, with raw packets, and by a real secondary.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod bad_packets;
mod dig;
mod digging;
mod figures;
mod forwarding;
mod limits;
mod named;
mod node;
mod notifying;
mod packets;
mod secondary;
mod shares;
mod skip;
mod transfers;
