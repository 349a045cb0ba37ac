//! The command line of the administrator. It speaks HTTP to the region and never touches a node's files.

pub mod import;
