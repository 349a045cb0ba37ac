//! Requests that were left to another rack, until it shows that somebody has answered, or that nobody has (rule R11).

use crate::dhcp::arrival::Arrival;
use crate::dhcp::client_at::ClientAt;
use crate::dhcp::message::request::Request;
use crate::dhcp::recent::memory::Memory;
use crate::lease::rack_time::RackTime;
use regent_core::time::Millis;
use std::net::Ipv4Addr;

/// A rack that has not answered after so long is stood in for. Longer than an exchange takes, also while the region looks for
/// a leader, and shorter than clients wait before they ask again.
pub const LEFT_MILLIS: Millis = Millis(1_000);
/// Nobody is stood in for later than this: the client has asked again. Longer than any rack waits, by time to answer many.
pub const LEFT_MILLIS_MAX: Millis = Millis(3_000);
/// How many are remembered. Of more the oldest are forgotten: their clients ask again.
pub const LEFT_MAX: usize = 1_024;

/// A request that was left to another rack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The request.
    pub request: Request,
    /// How it came in.
    pub arrival: Arrival,
    /// The rack's address where it came in, as the client or its relay is told it.
    pub server_id: Ipv4Addr,
    /// How long it is left.
    pub wait: Millis,
}

/// Requests that were left to another rack: the last one of each client.
#[derive(Clone, Debug)]
pub struct LeftOnes(Memory<ClientAt, Left>);

impl Default for LeftOnes {
    fn default() -> Self {
        Self(Memory::new(LEFT_MAX, LEFT_MILLIS_MAX))
    }
}

impl LeftOnes {
    /// A request of a client is left to another rack.
    pub fn put(&mut self, client: ClientAt, left: Left) {
        let since = left.arrival.received;
        self.0.put(client, left, since);
    }

    /// The client was answered, or has said something else.
    pub fn forget(&mut self, client: &ClientAt) {
        self.0.remove(client);
    }

    /// Takes out the request that was left first of those that were left for long enough. May look at all of them.
    pub fn take_due(&mut self, now: RackTime) -> Option<Left> {
        let is_due = |client: &&ClientAt| {
            let left = self.0.get(client, now);
            left.is_some_and(|left| left.arrival.received.until(now) >= left.wait)
        };
        let first = self.0.keys(now).find(is_due)?.clone();
        self.0.remove(&first)
    }
}
