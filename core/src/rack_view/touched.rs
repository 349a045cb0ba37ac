//! What of racks' views a change of the state touches. One change costs a look at what it is about, never at all machines.

use crate::id::VlanId;
use crate::lease::binding::Client;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

/// Hosts and leases of one VLAN that are named one by one; if there are more, the VLAN is told anew.
pub const VLAN_TOUCHED_MAX: usize = 16_384;

/// How much of a VLAN is told anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Extent {
    /// All but its hosts and leases.
    Configuration,
    /// Everything.
    Whole,
}

/// What is touched; nothing by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// How much of every VLAN.
    pub all: Option<Extent>,
    /// What of single VLANs beside that.
    pub vlans: BTreeMap<VlanId, VlanTouched>,
}

/// What is touched of a VLAN.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VlanTouched {
    /// How much of it.
    pub extent: Option<Extent>,
    /// Single clients beside that.
    pub hosts: BTreeSet<Client>,
    /// Single addresses beside that.
    pub leases: BTreeSet<Ipv4Addr>,
}

impl Touched {
    /// Every VLAN, to this extent.
    #[must_use]
    pub const fn all(extent: Extent) -> Self {
        Self { all: Some(extent), vlans: BTreeMap::new() }
    }

    /// These VLANs, to this extent.
    #[must_use]
    pub fn vlans(vlans: impl IntoIterator<Item = VlanId>, extent: Extent) -> Self {
        let touched = VlanTouched { extent: Some(extent), ..VlanTouched::default() };
        Self { all: None, vlans: vlans.into_iter().map(|vlan| (vlan, touched.clone())).collect() }
    }

    /// What is kept for these clients.
    #[must_use]
    pub fn hosts(hosts: impl IntoIterator<Item = (VlanId, Client)>) -> Self {
        let mut touched = Self::default();
        for (vlan, client) in hosts {
            touched.vlans.entry(vlan).or_default().hosts.insert(client);
        }
        touched
    }

    /// An address, on these VLANs.
    #[must_use]
    pub fn lease(vlans: impl IntoIterator<Item = VlanId>, address: Ipv4Addr) -> Self {
        let touched = VlanTouched { leases: BTreeSet::from([address]), ..VlanTouched::default() };
        Self { all: None, vlans: vlans.into_iter().map(|vlan| (vlan, touched.clone())).collect() }
    }

    /// Whether it is nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.all.is_none() && self.vlans.is_empty()
    }

    /// What touches both.
    pub fn merge(&mut self, other: Self) {
        self.all = self.all.max(other.all);
        if self.all == Some(Extent::Whole) {
            self.vlans.clear();
            return;
        }
        for (vlan, touched) in other.vlans {
            self.vlans.entry(vlan).or_default().merge(touched);
        }
    }

    /// What of it concerns whoever has been told of these VLANs, and of no others. A VLAN that is touched to some extent
    /// concerns everybody: it may be theirs now.
    #[must_use]
    pub fn concerning(&self, told: &BTreeSet<VlanId>) -> Self {
        let concerns =
            |vlan: &VlanId, touched: &VlanTouched| touched.extent.is_some() || told.contains(vlan);
        let vlans = self.vlans.iter().filter(|(vlan, touched)| concerns(vlan, touched));
        let vlans = vlans.map(|(vlan, touched)| (*vlan, touched.clone())).collect();
        Self { all: self.all, vlans }
    }
}

impl VlanTouched {
    fn merge(&mut self, other: Self) {
        self.extent = self.extent.max(other.extent);
        self.hosts.extend(other.hosts);
        self.leases.extend(other.leases);
        if self.hosts.len() + self.leases.len() > VLAN_TOUCHED_MAX {
            self.extent = Some(Extent::Whole);
        }
        if self.extent == Some(Extent::Whole) {
            self.hosts.clear();
            self.leases.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Extent, Touched, VLAN_TOUCHED_MAX};
    use crate::id::VlanId;
    use std::collections::BTreeSet;
    use std::net::Ipv4Addr;

    fn lease(vlan: u32, number: u32) -> Touched {
        Touched::lease([VlanId(vlan)], Ipv4Addr::from_bits(number))
    }

    #[test]
    fn what_is_merged_stays_bounded() {
        let mut touched = Touched::default();
        for number in 0..=u32::try_from(VLAN_TOUCHED_MAX).unwrap() {
            touched.merge(lease(1, number));
        }
        assert_eq!(touched, Touched::vlans([VlanId(1)], Extent::Whole));
        touched.merge(Touched::all(Extent::Whole));
        touched.merge(lease(2, 7));
        assert_eq!(touched, Touched::all(Extent::Whole));
    }

    #[test]
    fn leases_and_hosts_concern_only_whoever_was_told_of_the_vlan() {
        let mut touched = lease(1, 1);
        touched.merge(lease(2, 2));
        touched.merge(Touched::vlans([VlanId(3)], Extent::Configuration));
        let concerned: Vec<_> =
            touched.concerning(&BTreeSet::from([VlanId(2)])).vlans.into_keys().collect();
        assert_eq!(concerned, [VlanId(2), VlanId(3)]);
    }
}
