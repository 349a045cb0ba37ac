//! The durable Raft log: a journal of checksummed records in sled, made power-safe by our own syncs (DESIGN D2).
//!
//! Floors, lowest first: [`backend`] (opaque records on some disk), [`memory`] and [`sled`] (the two disks),
//! [`record`] (what a record says), [`standing`] (what holds after it), [`mark`] (what is known durable),
//! [`amnesia`] (why a log cannot be opened), [`replay`] (records back to entries), [`journal`] (writing in rounds).

pub mod amnesia;
pub mod backend;
pub mod journal;
pub mod mark;
pub mod memory;
pub mod record;
pub mod replay;
pub mod sled;
pub mod standing;
