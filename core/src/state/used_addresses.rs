//! Which addresses are in use, kept as maximal runs: the next free one after any address is one lookup away.
//!
//! Every holder of an address counts (a static address, a lease, a reservation, a gateway …), so that the address is
//! free again only when its last holder lets go. Ranges are not here: they are few, and looked up for themselves.
//! Subnets do not matter either: a run may cross from one into the next.

use crate::net::ip_number::IpNumber;
use imbl::OrdMap;
use std::net::IpAddr;

/// Addresses in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsedAddresses {
    /// First address of every run → its last one. Runs neither overlap nor touch.
    runs: OrdMap<IpAddr, IpAddr>,
    /// Holders beyond the first, where there are any.
    further_holders: OrdMap<IpAddr, u32>,
}

impl UsedAddresses {
    /// The run of used addresses around `address`, if it is used.
    #[must_use]
    pub fn run_around(&self, address: IpAddr) -> Option<(IpAddr, IpAddr)> {
        let (first, last) = self.runs.get_prev(&address)?;
        (address <= *last).then_some((*first, *last))
    }

    /// All runs, in order.
    pub fn runs(&self) -> impl Iterator<Item = (IpAddr, IpAddr)> + '_ {
        self.runs.iter().map(|(first, last)| (*first, *last))
    }

    /// Number of runs.
    #[must_use]
    pub fn run_count(&self) -> usize {
        self.runs.len()
    }

    /// How many addresses from `first` to `last` are in use. Looks at every run there.
    pub(in crate::state) fn count_between(&self, first: IpAddr, last: IpAddr) -> u128 {
        let around = self.runs.get_prev(&first).filter(|(start, _)| **start < first);
        let runs = around.into_iter().chain(self.runs.range(first..=last));
        let within = runs.filter_map(|(start, end)| {
            let (start, end) = ((*start).max(first), (*end).min(last));
            let count = IpNumber::of(end).value().checked_sub(IpNumber::of(start).value())?;
            Some(count.saturating_add(1))
        });
        within.fold(0, u128::saturating_add)
    }

    /// One more holder of an address.
    pub(in crate::state) fn hold(&mut self, address: IpAddr) {
        if self.run_around(address).is_some() {
            let further = self.further_holders.get(&address).copied().unwrap_or(0);
            self.further_holders.insert(address, further.saturating_add(1));
            return;
        }
        let before = previous(address).and_then(|neighbour| self.run_around(neighbour));
        let after = next(address).and_then(|neighbour| self.run_around(neighbour));
        if let Some((first, _)) = after {
            self.runs.remove(&first);
        }
        let first = before.map_or(address, |(first, _)| first);
        let last = after.map_or(address, |(_, last)| last);
        self.runs.insert(first, last);
    }

    /// One holder less of an address.
    pub(in crate::state) fn let_go(&mut self, address: IpAddr) {
        match self.further_holders.get(&address).copied() {
            Some(1) => drop(self.further_holders.remove(&address)),
            Some(further) => drop(self.further_holders.insert(address, further - 1)),
            None => self.free(address),
        }
    }

    fn free(&mut self, address: IpAddr) {
        let Some((first, last)) = self.run_around(address) else { return };
        self.runs.remove(&first);
        if let Some(end) = previous(address).filter(|end| first <= *end) {
            self.runs.insert(first, end);
        }
        if let Some(start) = next(address).filter(|start| *start <= last) {
            self.runs.insert(start, last);
        }
    }
}

/// The address after this one, unless its family ends there.
#[must_use]
pub fn next(address: IpAddr) -> Option<IpAddr> {
    IpNumber::of(address).checked_add(1).map(IpNumber::address)
}

fn previous(address: IpAddr) -> Option<IpAddr> {
    IpNumber::of(address).checked_sub(1).map(IpNumber::address)
}

#[cfg(test)]
mod tests {
    use super::UsedAddresses;
    use std::collections::BTreeMap;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    fn v4(last: u8) -> IpAddr {
        Ipv4Addr::new(10, 0, 0, last).into()
    }

    fn runs(used: &UsedAddresses) -> Vec<(IpAddr, IpAddr)> {
        used.runs().collect()
    }

    #[test]
    fn neighbours_become_one_run_and_part_again() {
        let mut used = UsedAddresses::default();
        for last in [1, 3, 2] {
            used.hold(v4(last));
        }
        assert_eq!(runs(&used), [(v4(1), v4(3))]);
        used.let_go(v4(2));
        assert_eq!(runs(&used), [(v4(1), v4(1)), (v4(3), v4(3))]);
    }

    #[test]
    fn address_is_free_only_after_its_last_holder() {
        let mut used = UsedAddresses::default();
        used.hold(v4(7));
        used.hold(v4(7));
        used.let_go(v4(7));
        assert!(used.run_around(v4(7)).is_some());
        used.let_go(v4(7));
        assert_eq!(used, UsedAddresses::default());
    }

    #[test]
    fn runs_end_where_a_family_ends() {
        let mut used = UsedAddresses::default();
        let ends: [IpAddr; 4] = [
            Ipv4Addr::UNSPECIFIED.into(),
            Ipv4Addr::BROADCAST.into(),
            Ipv6Addr::UNSPECIFIED.into(),
            Ipv6Addr::from_bits(u128::MAX).into(),
        ];
        ends.iter().for_each(|end| used.hold(*end));
        assert_eq!(used.run_count(), 4);
        ends.iter().for_each(|end| used.let_go(*end));
        assert_eq!(used.run_count(), 0);
    }

    #[test]
    fn runs_agree_with_a_plain_count_of_holders() {
        let mut used = UsedAddresses::default();
        let mut counts = BTreeMap::new();
        let mut random = 7_u32;
        for _ in 0..20_000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let last = u8::try_from((random >> 8) % 64).unwrap();
            let count: &mut u32 = counts.entry(last).or_default();
            if random >> 31 == 0 {
                used.hold(v4(last));
                *count += 1;
            } else if *count > 0 {
                used.let_go(v4(last));
                *count -= 1;
            }
            let held = |last: u8| counts.get(&last).is_some_and(|count| *count > 0);
            assert_eq!(used.run_around(v4(last)).is_some(), held(last));
            let starts = (0..64).filter(|l| held(*l) && (*l == 0 || !held(l - 1))).count();
            assert_eq!(used.run_count(), starts);
        }
    }
}
