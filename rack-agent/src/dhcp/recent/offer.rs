//! Addresses offered a moment ago. An offer is no promise: the region has not heard of it, and it is gone in a minute.

use crate::dhcp::client_at::ClientAt;
use crate::dhcp::recent::memory::Memory;
use crate::lease::rack_time::RackTime;
use regent_core::time::Millis;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// How long an offer counts.
pub const OFFER_MILLIS: Millis = Millis::from_secs(60);
/// How long one is in the way of others where a small pool has nothing else left. Clients that take an offer do so by then.
pub const OFFER_MILLIS_SCARCE: Millis = Millis::from_secs(10);
/// How many count at a time; the oldest goes first.
pub const OFFERS_MAX: usize = 8192;

/// Offers, one a client of a VLAN and one an address.
#[derive(Clone, Debug)]
pub struct Offers {
    by_client: Memory<ClientAt, Ipv4Addr>,
    by_address: BTreeMap<Ipv4Addr, ClientAt>,
}

impl Default for Offers {
    fn default() -> Self {
        Self { by_client: Memory::new(OFFERS_MAX, OFFER_MILLIS), by_address: BTreeMap::new() }
    }
}

impl Offers {
    /// Remembers an offer. Earlier ones of the client or of the address are void.
    pub fn put(&mut self, client: &ClientAt, address: Ipv4Addr, now: RackTime) {
        self.withdraw(client);
        if let Some(other) = self.by_address.insert(address, client.clone()) {
            self.by_client.remove(&other);
        }
        for (_, address) in self.by_client.put(client.clone(), address, now) {
            self.by_address.remove(&address);
        }
    }

    /// Forgets what the client was offered.
    pub fn withdraw(&mut self, client: &ClientAt) {
        if let Some(address) = self.by_client.remove(client) {
            self.by_address.remove(&address);
        }
    }

    /// What the client was offered.
    #[must_use]
    pub fn of(&self, client: &ClientAt, now: RackTime) -> Option<Ipv4Addr> {
        self.by_client.get(client, now).copied()
    }

    /// Whom the address was offered to.
    #[must_use]
    pub fn to(&self, address: Ipv4Addr, now: RackTime) -> Option<&ClientAt> {
        self.by_address.get(&address).filter(|client| self.by_client.get(client, now).is_some())
    }

    /// Whom the address was offered to so long ago that others go first where addresses are scarce.
    #[must_use]
    pub fn long_to(&self, address: Ipv4Addr, now: RackTime) -> Option<&ClientAt> {
        let client = self.to(address, now)?;
        let since = self.by_client.since(client, now)?;
        (since.after(OFFER_MILLIS_SCARCE) <= now).then_some(client)
    }

    /// How many are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_client.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_client.is_empty()
    }
}
