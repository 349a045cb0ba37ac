//! The lease protocol, the region's half: who may have an address, and who may act on it alone and until when.
//!
//! Pure rules over one address or one block at a time. They read no clock, touch no table and know no packet: callers
//! bring the cluster time of the entry and what is recorded, and store what comes out. That an address never has two
//! holders rests on these files and on the rack's half; `jepsen/lease-model` checks both together.
//!
//! Clocks are never compared. Each deadline runs on one clock only, and what a rack may do alone is cut short by as
//! much as its clock and the cluster's can part ([`terms::Terms::shortened`]).

pub mod adopt;
pub mod binding;
pub mod block;
pub mod commit;
pub mod free;
pub mod give_up;
pub mod quarantine;
pub mod refusal;
pub mod server;
pub mod terms;
