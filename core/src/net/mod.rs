//! Addresses of the network: hardware addresses, prefixes and address ranges, as checked values.
//!
//! Nothing here opens a socket or asks the system about its interfaces.

pub mod address_range;
pub mod cidr;
pub mod ip_number;
pub mod mac;
pub mod step_address;
