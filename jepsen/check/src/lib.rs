//! Histories of what clients saw while a cluster was broken, and the judging of them. Pure: from a history to a verdict.
//!
//! [`history`] is the format: what a line can be, how a file is written and read. [`property`] holds the judges, one
//! promise a file; they look at operations, and at writes as [`request`] puts them together, and say what they found in
//! the terms of [`finding`]. [`verdict`] asks them all, [`coverage`] whether the run was demanding enough, and
//! [`availability`] measures what nobody judges. It knows no cluster and starts nothing.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may fail loudly"))]

pub mod availability;
pub mod coverage;
#[cfg(test)]
mod dice;
pub mod finding;
pub mod history;
pub mod property;
pub mod request;
pub mod verdict;
