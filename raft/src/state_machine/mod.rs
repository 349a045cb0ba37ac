//! The replicated state machine's side of this crate.

pub mod snapshot_file;
