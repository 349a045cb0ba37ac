//! Histories of what clients saw while a cluster was broken, and the judging of them. Pure: from a history to a verdict.
//!
//! [`history`] is the format: what a line can be, how a file is written and read. It knows no cluster and starts nothing.
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "tests may fail loudly"))]

pub mod history;
