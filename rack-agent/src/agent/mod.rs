//! The agent as a process: brings disk, clock, wires and the line to the region together around [`duty`](crate::duty), and
//! tells people how it is.
//!
//! Floors, lowest first: [`report`], [`trouble`], [`setting`], [`keeping`], [`naming`], [`searches`]; [`telling`]; [`askers`]; [`running`]. What is
//! decided is decided in `duty`; here things are carried to and fro.

pub mod askers;
pub mod keeping;
pub mod naming;
pub mod report;
pub mod running;
pub mod searches;
pub mod setting;
pub mod telling;
pub mod trouble;
