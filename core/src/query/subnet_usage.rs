//! How full a subnet is, by MAAS's way of counting.

use crate::id::SubnetId;
use crate::model::ip_range::IpRangeType;
use crate::model::subnet::Subnet;
use crate::net::cidr::Cidr;
use crate::net::ip_number::{IpFamily, IpNumber};
use crate::query::network::ranges;
use crate::state::State;
use crate::state::used_addresses::next;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Addresses of a subnet, counted. Network and broadcast address of IPv4 do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetUsage {
    /// All of them.
    pub total_addresses: u128,
    /// Those in use or set aside.
    pub num_unavailable: u128,
    /// The others.
    pub num_available: u128,
    /// The longest run of the others.
    pub largest_available: u128,
}

/// The usage of a subnet. Costs one step for each of its runs of used addresses and each of its ranges.
#[must_use]
pub fn usage(state: &State, subnet: SubnetId) -> Option<SubnetUsage> {
    let cidr = state.get::<Subnet>(&subnet)?.value.cidr;
    let (first, last) = counted(cidr);
    let mut taken: Vec<(IpAddr, IpAddr)> =
        state.indexes().used_addresses.runs(first, last).collect();
    for range_type in [IpRangeType::Dynamic, IpRangeType::Reserved] {
        let ranges = ranges(state, subnet, range_type);
        taken.extend(ranges.map(|row| (row.value.start_ip, row.value.end_ip)));
    }
    if cidr.family() == IpFamily::V6 && cidr.prefix() == 64 {
        let end = IpNumber::of(first).checked_add(u128::from(u32::MAX));
        taken.extend(end.map(|end| (first, end.address())));
    }
    taken.sort_unstable();
    Some(count(first, last, &taken))
}

fn counted(cidr: Cidr) -> (IpAddr, IpAddr) {
    let range = match cidr.family() {
        IpFamily::V4 => cidr.hosts(),
        IpFamily::V6 => cidr.range(),
    };
    (range.start(), range.end())
}

/// Counts what sorted, perhaps overlapping, runs leave free between `first` and `last`.
fn count(first: IpAddr, last: IpAddr, taken: &[(IpAddr, IpAddr)]) -> SubnetUsage {
    let mut free_from = Some(first);
    let (mut num_available, mut largest_available) = (0_u128, 0_u128);
    let mut gap = |from: IpAddr, until: u128| {
        let length = until.saturating_sub(IpNumber::of(from).value());
        num_available = num_available.saturating_add(length);
        largest_available = largest_available.max(length);
    };
    for (start, end) in taken {
        let Some(from) = free_from else { break };
        gap(from, IpNumber::of((*start).min(last)).value());
        if *end >= from {
            free_from = next(*end).filter(|after| *after <= last);
        }
    }
    if let Some(from) = free_from {
        gap(from, IpNumber::of(last).value().saturating_add(1));
    }
    let size = IpNumber::of(last).value() - IpNumber::of(first).value();
    let total_addresses = size.saturating_add(1);
    let num_unavailable = total_addresses - num_available;
    SubnetUsage { total_addresses, num_unavailable, num_available, largest_available }
}
