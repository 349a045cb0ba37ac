//! Where a rack is connected.

use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// Addresses of a rack that are kept.
pub const LINKS_MAX: usize = 256;

/// An address of a rack, and the interface that has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The interface.
    pub interface: String,
    /// The address.
    pub address: Ipv4Addr,
}
