//! The peer transport: how the nodes of a region speak Raft to each other, over gRPC.
//!
//! `client` is what openraft calls, `server` what it is called through; both only move bytes, check that each
//! side is who it should be, and bound everything. Who leads, what is written and who may join is decided above.

pub mod contact;
pub mod header;
pub mod limits;
pub mod plausible;
pub mod refusal;
