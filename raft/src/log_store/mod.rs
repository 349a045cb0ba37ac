//! The durable Raft log: a journal of checksummed records in sled, made power-safe by our own syncs (DESIGN D2).
//!
//! Floors, lowest first: [`backend`] (opaque records on some disk: [`sled`], [`memory`]), then
//! `record` (their content).

pub mod backend;
pub mod memory;
pub mod sled;
