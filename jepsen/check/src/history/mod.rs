//! Histories in the format `regent-history/1`: JSON lines, one file a run, one line for each fact.
//!
//! [`line`] says what a line can be, [`sessions`] what a well-formed history must obey, [`writer`] puts lines
//! into a file, [`reader`] takes them out again, by way of [`parse`]. Judging a history is the work of [`crate::property`].

pub mod line;
pub mod parse;
pub mod reader;
pub mod sessions;
pub mod writer;
