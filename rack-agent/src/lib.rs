//! The rack agent: follows a region and serves DHCP on its VLANs.
//!
//! Not all of it is there yet: it can decide what to do about whatever happens ([`duty`]), but nobody tells it yet. It knows
//! no Raft: a region is a list of addresses.

pub mod clock;
pub mod config;
pub mod dhcp;
pub mod duty;
pub mod endpoint;
pub mod lease;
pub mod remembered;
pub mod session;
pub mod simulated_client;
pub mod store;
pub mod wire;
