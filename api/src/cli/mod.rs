//! The command line: what can be typed, and what it does.
//!
//! Commands about running nodes speak HTTP only. `init`, `join` and `region` run a node in this process. What `dev`
//! does stands beside this folder, in `crate::dev`; only its arguments and its record are here.

pub mod addresses;
pub mod arguments;
pub mod client;
pub mod dev_arguments;
pub mod dev_record;
pub mod duration;
pub mod exit;
pub mod failure;
pub mod import;
pub mod node;
pub mod output;
pub mod parent;
pub mod yaml;
