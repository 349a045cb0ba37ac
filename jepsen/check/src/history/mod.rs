//! Histories in the format `regent-history/1`: JSON lines, one file a run, one line for each fact.
//!
//! [`line`] says what a line can be, [`sessions`] what a well-formed history must obey, [`writer`] puts lines
//! into a file. Judging a history is the checkers' work.

pub mod line;
pub mod sessions;
pub mod writer;
