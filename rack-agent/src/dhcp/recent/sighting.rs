//! When an exchange was first seen here: whoever is not asked first waits for a moment (rule R11).

use crate::dhcp::client_at::ClientAt;
use crate::dhcp::recent::memory::Memory;
use crate::lease::rack_time::RackTime;
use regent_core::time::Millis;

/// How long an exchange is remembered.
pub const SIGHTING_MILLIS: Millis = Millis::from_secs(60);
/// How many are.
pub const SIGHTINGS_MAX: usize = 8192;

/// Exchanges and when they were first seen.
#[derive(Clone, Debug)]
pub struct Sightings(Memory<(u32, ClientAt), ()>);

impl Default for Sightings {
    fn default() -> Self {
        Self(Memory::new(SIGHTINGS_MAX, SIGHTING_MILLIS))
    }
}

impl Sightings {
    /// Sees an exchange at `received`. Returns when it was first seen.
    pub fn see(&mut self, xid: u32, client: &ClientAt, received: RackTime) -> RackTime {
        let key = (xid, client.clone());
        if let Some(first) = self.0.since(&key, received) {
            return first;
        }
        self.0.put(key, (), received);
        received
    }
}
