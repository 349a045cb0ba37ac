//! The region as its users see it: propose, read, watch, change the membership. The one handle faces hold.
//!
//! Floors, lowest first: [`message`] (what nodes ask of each other), [`session_pool`], [`handle`] (what every part
//! shares), [`submit`] (the leader's half of a write), [`propose`], [`read`], [`membership`], [`control`] (what peers
//! ask), [`exclude`] (leaving for good), [`announce`] (having moved), [`upkeep`] (what goes on by itself), [`prepare`], `recover`, [`start`], [`amnesiac`] (a node that may not start).

pub mod amnesiac;
pub mod announce;
pub mod control;
pub mod exclude;
pub mod handle;
pub mod log_indexes;
pub mod membership;
pub mod message;
pub mod prepare;
pub mod propose;
pub mod read;
pub(crate) mod recover;
pub mod session_pool;
pub mod start;
pub mod status;
pub mod submit;
pub mod upkeep;
