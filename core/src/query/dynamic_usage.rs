//! What becomes of the addresses of dynamic ranges: for readers, who may look at each lease.

use crate::id::{IpRangeId, SubnetId};
use crate::lease::binding::Held;
use crate::model::ip_range::{IpRange, IpRangeType};
use crate::model::lease::Lease;
use crate::query::network::ranges;
use crate::state::State;
use std::net::IpAddr;
use std::ops::Add;

/// Dynamic addresses, counted. Each counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DynamicUsage {
    /// All of them.
    pub addresses: u128,
    /// A client has it.
    pub leased: u128,
    /// Nobody has it any more; somebody may not know that yet.
    pub resting: u128,
    /// Somebody unknown was found to use it.
    pub declined: u128,
    /// It is kept for somebody, or has somebody who need not ask DHCP. Only imported sites have such addresses in dynamic
    /// ranges.
    pub kept: u128,
    /// Nobody has it, and one rack gives it without asking.
    pub in_blocks: u128,
    /// The others.
    pub free: u128,
}

impl DynamicUsage {
    /// Those that cannot be given to somebody new.
    #[must_use]
    pub const fn taken(&self) -> u128 {
        self.leased + self.resting + self.declined + self.kept
    }
}

impl Add for DynamicUsage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            addresses: self.addresses.saturating_add(other.addresses),
            leased: self.leased + other.leased,
            resting: self.resting + other.resting,
            declined: self.declined + other.declined,
            kept: self.kept + other.kept,
            in_blocks: self.in_blocks + other.in_blocks,
            free: self.free.saturating_add(other.free),
        }
    }
}

/// Each dynamic range of a subnet, by address.
pub fn of_ranges(
    state: &State,
    subnet: SubnetId,
) -> impl Iterator<Item = (IpRangeId, DynamicUsage)> {
    let dynamic = ranges(state, subnet, IpRangeType::Dynamic);
    dynamic.filter_map(move |row| {
        let place = (subnet, IpRangeType::Dynamic, row.value.start_ip);
        let id = state.indexes().ranges_by_start.first_under(&place)?;
        Some((*id, of_range(state, &row.value)))
    })
}

/// The usage of one dynamic range.
#[must_use]
pub fn of_range(state: &State, range: &IpRange) -> DynamicUsage {
    let (first, last) = (range.start_ip, range.end_ip);
    let mut usage = DynamicUsage { addresses: range.address_count(), ..DynamicUsage::default() };
    for (_, row) in state.tables().leases.range(first..=last) {
        if let Some(count) = count_of(&mut usage, &row.value) {
            *count += 1;
        }
    }
    let pools = &state.indexes().dynamic_pools;
    usage.kept = pools.taken_of(first).saturating_sub(usage.taken());
    usage.in_blocks = in_blocks(state, first, last);
    usage.free = usage.addresses.saturating_sub(usage.taken() + usage.in_blocks);
    usage
}

/// Where a lease counts; nowhere if it is only remembered who had the address.
const fn count_of<'a>(usage: &'a mut DynamicUsage, lease: &Lease) -> Option<&'a mut u128> {
    match lease.binding.held {
        _ if lease.is_past => None,
        Held::Bound => Some(&mut usage.leased),
        Held::Expired | Held::Released | Held::Ended => Some(&mut usage.resting),
        Held::Declined => Some(&mut usage.declined),
    }
}

/// Addresses of blocks in a range that nobody has. A block that began before the range still may reach into it.
fn in_blocks(state: &State, first: IpAddr, last: IpAddr) -> u128 {
    let blocks = &state.tables().lease_blocks;
    let before = blocks.range(..first).next_back();
    let around = before.into_iter().chain(blocks.range(first..=last));
    let addresses = around.flat_map(|(start, row)| row.value.addresses(*start));
    let pools = &state.indexes().dynamic_pools;
    let nobodys = addresses
        .filter(|address| first <= *address && *address <= last && !pools.is_taken(*address));
    nobodys.count() as u128
}
