//! How a packet came in.

use crate::lease::rack_time::RackTime;
use regent_core::id::VlanId;
use regent_core::time::Millis;
use std::net::Ipv4Addr;

/// Whom the sender addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cast {
    /// This rack alone.
    Unicast,
    /// Everybody on the network.
    Broadcast,
}

/// Where, when and how a packet came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The VLAN of the interface it came in at.
    pub vlan: VlanId,
    /// The address it came from; unspecified if the client had none.
    pub source: Ipv4Addr,
    /// Whom it was sent to.
    pub cast: Cast,
    /// When the kernel took it from the wire.
    pub received: RackTime,
    /// This moment.
    pub now: RackTime,
}

impl Arrival {
    /// For how long it has waited to be read.
    #[must_use]
    pub fn age(&self) -> Millis {
        self.received.until(self.now)
    }
}
