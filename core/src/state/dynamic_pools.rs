//! How many addresses of dynamic ranges are taken, kept up with every row: nobody counts them to see that a pool runs dry.
//!
//! Blocks of racks take no addresses: their racks still give them. Neither do addresses that were only seen in use, which an
//! import brings for every lease there ever was: DHCP gives them to anybody. Dynamic ranges are apart from each other.

use crate::id::SubnetId;
use crate::state::used_addresses::UsedAddresses;
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use std::net::IpAddr;

/// A dynamic range of a subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// The subnet.
    pub subnet: SubnetId,
    /// Its first address.
    pub first: IpAddr,
    /// Its last address.
    pub last: IpAddr,
    /// How many addresses it has.
    pub addresses: u128,
}

/// How full something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fill {
    /// Addresses in all.
    pub addresses: u128,
    /// Those that are taken: leased, resting, declined, kept for somebody.
    pub taken: u128,
}

/// The dynamic ranges, and what is taken of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DynamicPools {
    /// Addresses that somebody holds, in and outside of the ranges.
    taken: UsedAddresses,
    /// By first address: the last one, the subnet, and how many are taken.
    pools: OrdMap<IpAddr, (IpAddr, SubnetId, u128)>,
    /// All dynamic ranges of a subnet together, where it has one.
    subnets: OrdMap<SubnetId, Fill>,
}

impl DynamicPools {
    /// How full the dynamic ranges of a subnet are; none if it has none.
    #[must_use]
    pub fn of_subnet(&self, subnet: SubnetId) -> Option<Fill> {
        self.subnets.get(&subnet).copied()
    }

    /// Every subnet with dynamic ranges, and how full they are.
    pub fn subnets(&self) -> impl Iterator<Item = (SubnetId, Fill)> + '_ {
        self.subnets.iter().map(|(subnet, fill)| (*subnet, *fill))
    }

    /// How many addresses of the dynamic range that begins there are taken.
    #[must_use]
    pub fn taken_of(&self, first: IpAddr) -> u128 {
        self.pools.get(&first).map_or(0, |(_, _, taken)| *taken)
    }

    /// Whether somebody holds an address. Blocks of racks do not count.
    #[must_use]
    pub fn is_taken(&self, address: IpAddr) -> bool {
        self.taken.run_around(address).is_some()
    }

    /// The subnets whose dynamic ranges are not as full as in `later`, and how full they are there. Only what both do not
    /// share is looked through.
    pub fn changed<'a>(
        &'a self,
        later: &'a Self,
    ) -> impl Iterator<Item = (SubnetId, Option<Fill>)> + 'a {
        self.subnets.diff(&later.subnets).map(|item| match item {
            DiffItem::Add(subnet, fill) => (*subnet, Some(*fill)),
            DiffItem::Update { new: (subnet, fill), .. } => (*subnet, Some(*fill)),
            DiffItem::Remove(subnet, _) => (*subnet, None),
        })
    }

    /// One more holder of an address.
    pub(in crate::state) fn hold(&mut self, address: IpAddr) {
        if self.taken.run_around(address).is_none() {
            self.count(address, |taken| taken.saturating_add(1));
        }
        self.taken.hold(address);
    }

    /// One holder less of an address.
    pub(in crate::state) fn let_go(&mut self, address: IpAddr) {
        let was_taken = self.taken.run_around(address).is_some();
        self.taken.let_go(address);
        if was_taken && self.taken.run_around(address).is_none() {
            self.count(address, |taken| taken.saturating_sub(1));
        }
    }

    /// A dynamic range comes.
    pub(in crate::state) fn open(&mut self, pool: Pool) {
        let taken = self.taken.count_between(pool.first, pool.last);
        self.pools.insert(pool.first, (pool.last, pool.subnet, taken));
        let mut fill = self.of_subnet(pool.subnet).unwrap_or_default();
        fill.addresses = fill.addresses.saturating_add(pool.addresses);
        fill.taken = fill.taken.saturating_add(taken);
        self.subnets.insert(pool.subnet, fill);
    }

    /// A dynamic range goes.
    pub(in crate::state) fn close(&mut self, pool: Pool) {
        let taken = self.taken_of(pool.first);
        self.pools.remove(&pool.first);
        let Some(mut fill) = self.of_subnet(pool.subnet) else { return };
        fill.addresses = fill.addresses.saturating_sub(pool.addresses);
        fill.taken = fill.taken.saturating_sub(taken);
        if fill.addresses == 0 {
            self.subnets.remove(&pool.subnet);
        } else {
            self.subnets.insert(pool.subnet, fill);
        }
    }

    /// Counts an address that became taken, or is no longer, if it lies in a dynamic range.
    fn count(&mut self, address: IpAddr, counted: impl Fn(u128) -> u128) {
        let Some((first, (last, subnet, taken))) = self.pools.get_prev(&address) else { return };
        if *last < address {
            return;
        }
        let (first, last, subnet, taken) = (*first, *last, *subnet, counted(*taken));
        self.pools.insert(first, (last, subnet, taken));
        if let Some(fill) = self.of_subnet(subnet) {
            self.subnets.insert(subnet, Fill { taken: counted(fill.taken), ..fill });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DynamicPools, Fill, Pool};
    use crate::id::SubnetId;
    use std::net::IpAddr;

    const SUBNET: SubnetId = SubnetId(1);

    fn ip(last: u8) -> IpAddr {
        [10, 0, 0, last].into()
    }

    fn pool(first: u8, last: u8) -> Pool {
        let addresses = u128::from(last - first) + 1;
        Pool { subnet: SUBNET, first: ip(first), last: ip(last), addresses }
    }

    #[test]
    fn address_counts_once_however_many_hold_it_and_only_within_a_range() {
        let mut pools = DynamicPools::default();
        pools.open(pool(10, 19));
        for last in [9, 10, 10, 19, 20] {
            pools.hold(ip(last));
        }
        assert_eq!(pools.of_subnet(SUBNET), Some(Fill { addresses: 10, taken: 2 }));
        pools.let_go(ip(10));
        assert_eq!(pools.taken_of(ip(10)), 2);
        pools.let_go(ip(10));
        assert_eq!(pools.taken_of(ip(10)), 1);
    }

    #[test]
    fn range_that_comes_late_counts_what_was_taken_before_and_takes_it_along_when_it_goes() {
        let (mut early, mut late) = (DynamicPools::default(), DynamicPools::default());
        early.open(pool(10, 19));
        early.open(pool(30, 39));
        for last in [9, 10, 11, 12, 19, 20, 31] {
            early.hold(ip(last));
            late.hold(ip(last));
        }
        late.open(pool(30, 39));
        late.open(pool(10, 19));
        assert_eq!(early, late);
        assert_eq!(early.of_subnet(SUBNET), Some(Fill { addresses: 20, taken: 5 }));
        early.close(pool(10, 19));
        assert_eq!(early.of_subnet(SUBNET), Some(Fill { addresses: 10, taken: 1 }));
        early.close(pool(30, 39));
        assert_eq!(early.of_subnet(SUBNET), None);
    }

    #[test]
    fn only_subnets_that_differ_are_told() {
        let mut before = DynamicPools::default();
        before.open(pool(10, 19));
        before.open(Pool { subnet: SubnetId(2), ..pool(30, 39) });
        let mut after = before.clone();
        after.hold(ip(35));
        let changed: Vec<_> = before.changed(&after).collect();
        assert_eq!(changed, [(SubnetId(2), Some(Fill { addresses: 10, taken: 1 }))]);
    }
}
