//! What the rack itself has acknowledged, and where it may act without the region: the durable part, as held in memory.

use crate::lease::rack_time::RackTime;
use crate::lease::record::Record;
use regent_core::lease::binding::Client;
use regent_core::net::address_range::AddressRange;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

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
    by_client: BTreeMap<Client, Ipv4Addr>,
    /// Its blocks.
    pub blocks: Vec<OwnBlock>,
}

impl Holdings {
    /// Remembers what was acknowledged.
    pub fn put(&mut self, address: Ipv4Addr, record: Record) {
        self.remove(address);
        self.by_client.insert(record.client.clone(), address);
        self.by_address.insert(address, record);
    }

    /// Forgets an address: the region knows all of it.
    pub fn remove(&mut self, address: Ipv4Addr) {
        let Some(record) = self.by_address.remove(&address) else { return };
        if self.by_client.get(&record.client) == Some(&address) {
            self.by_client.remove(&record.client);
        }
    }

    /// What was acknowledged of an address.
    #[must_use]
    pub fn at(&self, address: Ipv4Addr) -> Option<&Record> {
        self.by_address.get(&address)
    }

    /// The address a client was acknowledged last.
    #[must_use]
    pub fn of(&self, client: &Client) -> Option<Ipv4Addr> {
        self.by_client.get(client).copied()
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
