//! What the region may not know yet of what the rack gave and gave up. Not on disk: after a restart everything the rack
//! remembers is told again.

use regent_core::command::rack::ClientFacts;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

/// What is owed to the region, by address.
#[derive(Clone, Debug, Default)]
pub struct Debts {
    /// Leases it may not know of, and what is known of their clients besides (rule R19).
    pub untold: BTreeMap<Ipv4Addr, ClientFacts>,
    /// Rights the rack has no more, and the region may believe it has (rule R4).
    pub unwaived: BTreeSet<Ipv4Addr>,
    /// Those that are being told just now.
    pub being_waived: BTreeSet<Ipv4Addr>,
}

impl Debts {
    /// The region may not know of the lease.
    pub fn owe_lease(&mut self, address: Ipv4Addr, facts: ClientFacts) {
        self.untold.insert(address, facts);
    }

    /// The region may not know that the right is gone.
    pub fn owe_waiver(&mut self, address: Ipv4Addr) {
        self.being_waived.remove(&address);
        self.unwaived.insert(address);
    }

    /// The right is about to be told.
    pub fn waive(&mut self, address: Ipv4Addr) {
        self.unwaived.remove(&address);
        self.being_waived.insert(address);
    }

    /// The region has answered about the right.
    pub fn waived(&mut self, address: Ipv4Addr) {
        self.being_waived.remove(&address);
    }

    /// Nothing is owed of the address.
    pub fn forget(&mut self, address: Ipv4Addr) {
        self.untold.remove(&address);
        self.unwaived.remove(&address);
        self.being_waived.remove(&address);
    }

    /// Whether nothing is owed of any address.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.untold.is_empty() && self.unwaived.is_empty() && self.being_waived.is_empty()
    }

    /// Whether the region may still have to hear of a right to the address.
    #[must_use]
    pub fn owes_waiver(&self, address: Ipv4Addr) -> bool {
        self.unwaived.contains(&address) || self.being_waived.contains(&address)
    }

    /// Whether the region may not know of some lease between these addresses.
    #[must_use]
    pub fn owes_lease_between(&self, first: Ipv4Addr, last: Ipv4Addr) -> bool {
        self.untold.range(first..=last).next().is_some()
    }
}
