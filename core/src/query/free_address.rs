//! The next free address of a subnet or range: the one definition of "free".
//!
//! Free is what no static address, lease in force, reservation, gateway or name server has, outside dynamic ranges of
//! whatever subnet, and outside reserved ranges unless the search is for them: in an unmanaged subnet they are all there
//! is, and a search may be about one of them. Network and broadcast address, and of an IPv6 /64 the first 2^32 addresses (as in MAAS),
//! are never free.
//!
//! A search skips a whole run of used addresses, or a whole range, at a time. Its cost does not grow with the number of
//! addresses in use: at most one skip for every range of the subnet and one between each two.

use crate::id::{IpRangeId, SubnetId};
use crate::model::ip_range::{IpRange, IpRangeType};
use crate::model::subnet::Subnet;
use crate::net::ip_number::{IpFamily, IpNumber};
use crate::query::network::{dynamic_range_around, range_around, ranges};
use crate::state::State;
use crate::state::used_addresses::next;
use std::net::IpAddr;

/// Low addresses of an IPv6 /64 that are left to people.
const IPV6_LEFT_TO_PEOPLE: u128 = 1 << 32;

/// A search for free addresses, from the lowest up.
#[derive(Clone, Debug)]
pub struct FreeAddresses<'a> {
    state: &'a State,
    subnet: SubnetId,
    skips_reserved: bool,
    /// What is left to be searched, lowest last.
    windows: Vec<(IpAddr, IpAddr)>,
    lookups: u32,
}

impl<'a> FreeAddresses<'a> {
    /// A search in a subnet.
    #[must_use]
    pub fn of_subnet(state: &'a State, subnet: SubnetId) -> Self {
        let whole = state.get::<Subnet>(&subnet).map(|row| (row.value.managed, window(&row.value)));
        let windows = match whole {
            None => Vec::new(),
            Some((true, window)) => vec![window],
            Some((false, (first, last))) => {
                let reserved = ranges(state, subnet, IpRangeType::Reserved);
                let cut = |range: &IpRange| (range.start_ip.max(first), range.end_ip.min(last));
                let mut windows: Vec<_> = reserved.map(|row| cut(&row.value)).collect();
                windows.reverse();
                windows
            }
        };
        let skips_reserved = whole.is_some_and(|(managed, _)| managed);
        Self { state, subnet, skips_reserved, windows, lookups: 0 }
    }

    /// A search in a reserved range.
    #[must_use]
    pub fn of_range(state: &'a State, range: IpRangeId) -> Self {
        let row = state.get::<IpRange>(&range);
        let subnet = row.map_or(SubnetId(0), |row| row.value.subnet);
        let windows = row.map(|row| (row.value.start_ip, row.value.end_ip)).into_iter().collect();
        Self { state, subnet, skips_reserved: false, windows, lookups: 0 }
    }

    /// Whether the search would come upon this address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let inside = self.windows.iter().any(|(first, last)| *first <= address && address <= *last);
        inside && self.taken_until(address).is_none()
    }

    /// How many times indexes were asked so far.
    #[must_use]
    pub const fn lookups(&self) -> u32 {
        self.lookups
    }

    /// The last address of the run or range that takes this one, if one does.
    fn taken_until(&self, address: IpAddr) -> Option<IpAddr> {
        let used = self.state.indexes().used_addresses.run_around(address).map(|(_, last)| last);
        let dynamic = || dynamic_range_around(self.state, address).map(|row| row.value.end_ip);
        let reserved = || {
            let range = range_around(self.state, self.subnet, IpRangeType::Reserved, address);
            range.map(|row| row.value.end_ip)
        };
        let taken = used.or_else(dynamic);
        if self.skips_reserved { taken.or_else(reserved) } else { taken }
    }
}

impl Iterator for FreeAddresses<'_> {
    type Item = IpAddr;

    fn next(&mut self) -> Option<IpAddr> {
        while let Some((address, last)) = self.windows.pop() {
            if address > last {
                continue;
            }
            self.lookups += 1;
            let taken_until = self.taken_until(address);
            if let Some(after) = next(taken_until.unwrap_or(address)) {
                self.windows.push((after, last));
            }
            if taken_until.is_none() {
                return Some(address);
            }
        }
        None
    }
}

/// The addresses of a subnet that can be given at all.
fn window(subnet: &Subnet) -> (IpAddr, IpAddr) {
    let hosts = subnet.cidr.hosts();
    let first = if subnet.cidr.family() == IpFamily::V6 && subnet.cidr.prefix() == 64 {
        IpNumber::of(subnet.cidr.network()).checked_add(IPV6_LEFT_TO_PEOPLE)
    } else {
        None
    };
    (first.map_or(hosts.start(), IpNumber::address), hosts.end())
}
