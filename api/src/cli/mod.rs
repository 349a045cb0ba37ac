//! The command line: what can be typed, and what it does.
//!
//! Commands about running nodes speak HTTP only. `init`, `join` and `region` run a node in this process.

pub mod arguments;
pub mod exit;
pub mod import;
pub mod node;
