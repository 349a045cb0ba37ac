//! The rack agent: follows a region and serves DHCP on its VLANs.
//!
//! Not all of it is there yet: it can decide what to do about a DHCP packet, but nothing calls that. It knows no
//! Raft: a region is a list of addresses.

pub mod clock;
pub mod config;
pub mod dhcp;
pub mod duty;
pub mod endpoint;
pub mod interface_choice;
pub mod join;
pub mod lease;
pub mod machine;
pub mod region;
pub mod remembered;
pub mod session;
pub mod store;
pub mod test_section;
