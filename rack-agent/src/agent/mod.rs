//! The agent as a process: brings disk, clock, wires and the line to the region together around [`duty`](crate::duty), and
//! tells people how it is.
//!
//! Floors, lowest first: [`report`], [`trouble`]; [`telling`]; [`running`]. What is decided is
//! decided in `duty`; here things are carried to and fro.

pub mod report;
pub mod running;
pub mod telling;
pub mod trouble;
