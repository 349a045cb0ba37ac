//! What the rack itself has acknowledged, and where it may act without the region: the durable part, as held in memory.

use crate::lease::rack_time::RackTime;
use crate::lease::record::Record;
use regent_core::lease::binding::Client;
use regent_core::net::address_range::AddressRange;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Addresses found again by their client, the last ones it was acknowledged. It may be on as many VLANs; what else it had is
/// held all the same, and found by address.
pub const ADDRESSES_OF_CLIENT_MAX: usize = 256;

/// How the rack stands with the region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Contact {
    /// The region answers, with its majority behind it.
    Quorum,
    /// It does not; the rack does what it may alone (rules R7 and R8).
    CutOff,
    /// It does not, and the rack's clock or disk cannot be relied on: another boot, a jump of time, a lost disk
    /// (rules R9 and R12). It does nothing alone.
    Distrusted,
}

/// A block of addresses the rack may give alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnBlock {
    /// The addresses.
    pub range: AddressRange,
    /// Until when, by the rack's clock.
    pub deadline: RackTime,
}

/// Everything the rack holds.
#[derive(Clone, Debug, Default)]
pub struct Holdings {
    by_address: BTreeMap<Ipv4Addr, Record>,
    by_client: BTreeMap<Client, Vec<Ipv4Addr>>,
    /// Its blocks.
    pub blocks: Vec<OwnBlock>,
}

impl Holdings {
    /// Remembers what was acknowledged.
    pub fn put(&mut self, address: Ipv4Addr, record: Record) {
        self.remove(address);
        let addresses = self.by_client.entry(record.client.clone()).or_default();
        addresses.push(address);
        if addresses.len() > ADDRESSES_OF_CLIENT_MAX {
            addresses.remove(0);
        }
        self.by_address.insert(address, record);
    }

    /// Forgets an address: the region knows all of it.
    pub fn remove(&mut self, address: Ipv4Addr) {
        let Some(record) = self.by_address.remove(&address) else { return };
        let Some(addresses) = self.by_client.get_mut(&record.client) else { return };
        addresses.retain(|other| *other != address);
        if addresses.is_empty() {
            self.by_client.remove(&record.client);
        }
    }

    /// What was acknowledged of an address.
    #[must_use]
    pub fn at(&self, address: Ipv4Addr) -> Option<&Record> {
        self.by_address.get(&address)
    }

    /// The addresses a client was acknowledged, on whatever VLAN, the last one first.
    pub fn of(&self, client: &Client) -> impl Iterator<Item = Ipv4Addr> {
        self.by_client.get(client).into_iter().flatten().rev().copied()
    }

    /// Whether the address was last acknowledged to this client.
    #[must_use]
    pub fn is_last_of(&self, address: Ipv4Addr, client: &Client) -> bool {
        self.at(address).is_some_and(|record| record.client == *client)
    }

    /// Everything that was acknowledged, by address.
    pub fn iter(&self) -> impl Iterator<Item = (Ipv4Addr, &Record)> {
        self.by_address.iter().map(|(address, record)| (*address, record))
    }

    /// The block an address lies in.
    #[must_use]
    pub fn block_of(&self, address: Ipv4Addr) -> Option<&OwnBlock> {
        self.blocks.iter().find(|block| block.range.contains(address.into()))
    }
}
