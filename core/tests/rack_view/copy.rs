//! A rack's copy of its view, in its simplest form.

use regent_core::id::VlanId;
use regent_core::lease::binding::Client;
use regent_core::rack_view::change::ViewChange;
use regent_core::rack_view::host::Host;
use regent_core::rack_view::lease::Lease;
use regent_core::rack_view::vlan::VlanTold;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Copy {
    pub(crate) vlans: BTreeMap<VlanId, VlanTold>,
    pub(crate) hosts: BTreeMap<(VlanId, Client), Host>,
    pub(crate) leases: BTreeMap<(VlanId, Ipv4Addr), Lease>,
}

impl Copy {
    pub(crate) fn of(whole: ViewChange) -> Self {
        assert!(whole.whole);
        let mut copy = Self::default();
        copy.bring(whole);
        copy
    }

    pub(crate) fn told(&self) -> BTreeSet<VlanId> {
        self.vlans.keys().copied().collect()
    }

    pub(crate) fn bring(&mut self, change: ViewChange) {
        if change.whole {
            *self = Self::default();
        }
        for id in change.removed {
            self.vlans.remove(&id);
            self.hosts.retain(|(vlan, _), _| *vlan != id);
            self.leases.retain(|(vlan, _), _| *vlan != id);
        }
        self.vlans.extend(change.vlans.into_iter().map(|vlan| (vlan.id, vlan)));
        for (vlan, client, host) in change.hosts {
            match host {
                Some(host) => drop(self.hosts.insert((vlan, client), host)),
                None => drop(self.hosts.remove(&(vlan, client))),
            }
        }
        for (vlan, address, lease) in change.leases {
            match lease {
                Some(lease) => drop(self.leases.insert((vlan, address), lease)),
                None => drop(self.leases.remove(&(vlan, address))),
            }
        }
    }
}
