//! The rack agent: it will follow a region and serve DHCP on its VLANs.
//!
//! Today it can read its configuration and nothing more. It knows no Raft: a region is a list of addresses.

pub mod config;
pub mod dhcp;
pub mod endpoint;
pub mod lease;
