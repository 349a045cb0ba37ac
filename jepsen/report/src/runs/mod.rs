//! The book of runs, `jepsen/RUNS.md`: what was tried, on which commit, for how long, and how it went.
//!
//! An [`entry`] is a line: a run, or a batch of them with their [`seeds`]. [`book`] adds lines and counts anew what stands
//! at the top. The lines are the truth; what is counted is made from them each time.

pub mod book;
pub mod entry;
pub mod seeds;
