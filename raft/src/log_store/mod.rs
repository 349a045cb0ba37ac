//! The durable Raft log: a journal of checksummed records in sled, made power-safe by our own syncs (DESIGN D2).
//!
//! Floors, lowest first: [`backend`] (opaque records on some disk), [`memory`] and [`sled`] (the two disks),
//! [`record`] (what a record says), [`standing`] (what holds after it), [`mark`] (what is known durable),
//! [`amnesia`] (why a log cannot be opened), [`replay`] (records back to entries), [`journal`] (writing in rounds),
//! [`reserve`] (room on a full disk), [`sync_times`], [`figures`], [`writer`] (a batch of jobs to one durable group), [`tail`] (the
//! log in memory), [`gauge`] (how heavy that is), [`queue`] and [`pump`] (jobs on their way to the writer), [`store`] (the handle), `storage`
//! (openraft's traits on it).

pub mod amnesia;
pub mod backend;
pub mod figures;
pub mod gauge;
pub mod journal;
pub mod mark;
pub mod memory;
pub mod pump;
pub mod queue;
pub mod record;
pub mod replay;
pub mod reserve;
pub mod sled;
pub mod standing;
mod storage;
pub mod store;
pub mod sync_times;
pub mod tail;
pub mod writer;
