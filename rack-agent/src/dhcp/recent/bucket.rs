//! How often one client is heard.

use crate::dhcp::client_at::ClientAt;
use crate::dhcp::recent::memory::Memory;
use crate::dhcp::recent::spent::Spent;
use crate::lease::rack_time::RackTime;
use regent_core::time::Millis;
use std::time::Duration;

/// Messages a client may send at once.
pub const BURST_MESSAGES_MAX: u64 = 16;
/// Time after which it may send one more.
pub const MESSAGE_MILLIS: u64 = 500;
const MESSAGE: Duration = Duration::from_millis(MESSAGE_MILLIS);
/// Clients that are counted; the one silent for longest is forgotten first.
pub const CLIENTS_MAX: usize = 8192;
/// A bucket is full again after this.
const FULL: Duration = Duration::from_millis(BURST_MESSAGES_MAX * MESSAGE_MILLIS);
/// A client that was silent for so long need not be counted.
const FULL_MILLIS: Millis = Millis(BURST_MESSAGES_MAX * MESSAGE_MILLIS);

/// A token bucket for each client heard of late.
#[derive(Clone, Debug)]
pub struct Buckets(Memory<ClientAt, Spent>);

impl Default for Buckets {
    fn default() -> Self {
        Self(Memory::new(CLIENTS_MAX, FULL_MILLIS))
    }
}

impl Buckets {
    /// Whether the client may be heard now; if so, that is counted.
    pub fn admit(&mut self, client: &ClientAt, now: RackTime) -> bool {
        let last = self.0.get(client, now).copied();
        let spent = Spent::and_one(last, MESSAGE, FULL, now);
        if let Some(spent) = spent {
            self.0.put(client.clone(), spent, now);
        }
        spent.is_some()
    }
}
