//! How simulated hosts are told apart: by a number that is used once, whatever number its node has in the group.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The peer port of every host.
const PEER_PORT: u16 = 7441;

/// A simulated host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HostId(pub u8);

impl HostId {
    /// Where its peer port is reached.
    #[must_use]
    pub fn peer_address(self) -> String {
        format!("{self}:{PEER_PORT}")
    }

    /// The host with this peer address.
    #[must_use]
    pub fn of_address(address: &str) -> Option<Self> {
        address.strip_prefix('h')?.split_once(':')?.0.parse().ok().map(Self)
    }
}

impl fmt::Display for HostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "h{}", self.0)
    }
}
