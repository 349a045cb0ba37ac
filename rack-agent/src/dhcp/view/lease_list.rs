//! What the region has told of who has which address. It may be a moment old: the region has the last word at commit.

use regent_core::lease::binding::Client;
use regent_core::rack_view::lease::{Lease, Standing};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Leases of a VLAN, found by address and by client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeaseList {
    by_address: BTreeMap<Ipv4Addr, Lease>,
    by_client: BTreeMap<Client, Ipv4Addr>,
}

impl LeaseList {
    /// Records what the region says of an address. Of several addresses a client had, the last one told is its own.
    pub fn put(&mut self, address: Ipv4Addr, lease: Lease) {
        self.remove(address);
        if let Some(client) = &lease.client {
            self.by_client.insert(client.clone(), address);
        }
        self.by_address.insert(address, lease);
    }

    /// Forgets an address.
    pub fn remove(&mut self, address: Ipv4Addr) {
        let client = self.by_address.remove(&address).and_then(|lease| lease.client);
        if let Some(client) = client.filter(|client| self.by_client.get(client) == Some(&address)) {
            self.by_client.remove(&client);
        }
    }

    /// What is known of an address.
    #[must_use]
    pub fn at(&self, address: Ipv4Addr) -> Option<&Lease> {
        self.by_address.get(&address)
    }

    /// Every address that somebody has or had.
    pub fn iter(&self) -> impl Iterator<Item = (Ipv4Addr, &Lease)> {
        self.by_address.iter().map(|(address, lease)| (*address, lease))
    }

    /// The address a client has or had last.
    #[must_use]
    pub fn of(&self, client: &Client) -> Option<Ipv4Addr> {
        self.by_client.get(client).copied()
    }

    /// Whether the address is, or was last, this client's and nobody found it in use.
    #[must_use]
    pub fn is_last_of(&self, address: Ipv4Addr, client: &Client) -> bool {
        self.at(address).is_some_and(|lease| {
            lease.client.as_ref() == Some(client) && lease.standing != Standing::Declined
        })
    }

    /// Whether, by what is known, a client could be given the address: it is its own, or nobody's.
    #[must_use]
    pub fn is_open_to(&self, address: Ipv4Addr, client: &Client) -> bool {
        let is_free = self.at(address).is_none_or(|lease| lease.standing == Standing::Free);
        is_free || self.is_last_of(address, client)
    }
}
