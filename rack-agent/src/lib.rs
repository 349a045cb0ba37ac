//! The rack agent: follows a region and serves DHCP on its VLANs.
//!
//! [`dhcp`] decides what to do about a packet, [`duty`] what to do about everything, [`agent`] carries it out. It knows no
//! Raft: a region is a list of addresses.

pub mod agent;
pub mod carried;
pub mod clock;
pub mod config;
pub mod dhcp;
pub mod duty;
pub mod endpoint;
pub mod interface_choice;
pub mod interface_limits;
pub mod join;
mod kernel_interface;
pub mod lease;
pub mod leaving;
pub mod machine;
pub mod newcomer_limit;
pub mod region;
pub mod remembered;
pub mod session;
pub mod simulated_client;
pub mod store;
pub mod test_section;
pub mod wire;
