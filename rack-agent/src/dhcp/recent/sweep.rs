//! Where the search for a free address goes on: in a large pool that is nearly full, one packet does not find any.

use crate::dhcp::recent::memory::Memory;
use crate::lease::rack_time::RackTime;
use regent_core::id::{SubnetId, VlanId};
use regent_core::time::Millis;

/// How long a search is gone on with. Then each client begins at a place of its own again.
pub const SWEEP_SPAN: Millis = Millis::from_secs(60);
/// How long nobody searches where no address was free. Clients ask again by then.
pub const EXHAUSTED_SPAN: Millis = Millis::from_secs(1);
/// Fields for which that is remembered.
pub const FIELDS_MAX: usize = 8192;

/// Addresses that are searched together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The rack's part of the ranges of a subnet.
    Pool(SubnetId),
    /// The rest of them, which other racks look at first.
    OthersPart(SubnetId),
    /// The rack's own blocks on a VLAN.
    Blocks(VlanId),
}

/// Searches under way.
#[derive(Clone, Debug)]
pub struct Sweeps {
    under_way: Memory<Field, Sweep>,
    exhausted: Memory<Field, ()>,
}

/// A search that has found nothing yet, or did not at first.
#[derive(Clone, Copy, Debug)]
struct Sweep {
    next: u128,
    missed: u128,
}

impl Default for Sweeps {
    fn default() -> Self {
        Self {
            under_way: Memory::new(FIELDS_MAX, SWEEP_SPAN),
            exhausted: Memory::new(FIELDS_MAX, EXHAUSTED_SPAN),
        }
    }
}

impl Sweeps {
    /// Whether all of a field was searched a moment ago, and no address was free.
    #[must_use]
    pub fn is_exhausted(&self, field: Field, now: RackTime) -> bool {
        self.exhausted.get(&field, now).is_some()
    }

    /// The place at which the search of a field goes on; none if each client begins at a place of its own.
    #[must_use]
    pub fn next(&self, field: Field, now: RackTime) -> Option<u128> {
        self.under_way.get(&field, now).map(|sweep| sweep.next)
    }

    /// A free address was found at a place. Whoever comes next goes on behind it, if a search is under way.
    pub fn found(&mut self, field: Field, place: u128, now: RackTime) {
        if self.next(field, now).is_some() {
            self.under_way.put(field, Sweep { next: place + 1, missed: 0 }, now);
        }
    }

    /// So many addresses of `count` were looked at from a place on, and none was free.
    pub fn missed(&mut self, field: Field, from: u128, looked: u128, count: u128, now: RackTime) {
        let earlier = self.under_way.get(&field, now).map_or(0, |sweep| sweep.missed);
        let missed = earlier + looked;
        if missed >= count {
            self.under_way.remove(&field);
            self.exhausted.put(field, (), now);
        } else {
            self.under_way.put(field, Sweep { next: from + looked, missed }, now);
        }
    }
}
