//! The peer transport: how the nodes of a region speak Raft to each other, over gRPC.
//!
//! `client` is what openraft calls, `server` what it is called through; both only move bytes, check that each
//! side is who it should be, and bound everything. Who leads, what is written and who may join is decided above.

mod append;
pub mod arrival;
pub mod calls;
pub mod channels;
pub mod client;
pub mod contact;
pub mod control;
pub mod failure;
mod frame;
mod framing;
mod freshness;
pub mod gate;
pub mod header;
pub mod inbox;
mod intake;
pub mod limits;
pub mod listener;
pub mod majority;
mod moment;
mod partial;
pub mod plausible;
pub mod refusal;
pub mod server;
mod snapshot_sender;
pub mod wire;
