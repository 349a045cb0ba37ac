//! File systems that lose power on request: what a test needs to see whether something survives a power cut.
//!
//! [`absence`] tells a machine without them from a broken one; [`disk`] is one of them, on a loop file; [`namespace`] the room they are mounted in, which takes everything along
//! when it ends. Used by the rig of one journal (`raft/tests/powercut`) and by that of a whole cluster
//! (`regent-jepsen powercut`); knows neither.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may fail loudly"))]

pub mod absence;
pub mod disk;
pub mod namespace;
mod sys;
