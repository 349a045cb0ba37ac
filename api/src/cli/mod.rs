//! The command line: what can be typed, and what it does.
//!
//! Commands about running nodes speak HTTP only. `init`, `join` and `region` run a node in this process. What `dev`
//! does stands beside this folder, in `crate::dev`; only its arguments and its record are here.

pub mod about;
pub mod addresses;
pub mod arguments;
pub mod client;
pub mod config_file;
pub mod confirm;
pub mod dev_arguments;
pub mod dev_record;
pub mod document;
pub mod exit;
pub mod explain;
pub mod failure;
pub mod fields;
pub mod import;
pub mod import_arguments;
pub mod invitation;
pub mod listing;
pub mod members;
pub mod names;
pub mod node;
pub mod noun;
pub mod noun_arguments;
pub mod nouns;
pub mod output;
pub mod parent;
pub mod path;
pub mod rack_removal;
pub mod racks;
pub mod raw;
pub mod session;
pub mod status;
pub mod table;
pub mod timestamp;
pub mod token;
pub mod token_arguments;
pub mod tree;
pub mod txn;
pub mod usage;
pub mod vlan_dhcp;
pub mod vlan_dhcp_arguments;
pub mod watch;
pub mod words;
pub mod yaml;
