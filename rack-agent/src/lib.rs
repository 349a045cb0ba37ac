//! The rack agent: it will follow a region and serve DHCP on its VLANs.
//!
//! Today it can read its configuration, and decide what to do about a DHCP packet; nothing calls that yet. It knows no
//! Raft: a region is a list of addresses.

pub mod config;
pub mod dhcp;
pub mod endpoint;
pub mod lease;
