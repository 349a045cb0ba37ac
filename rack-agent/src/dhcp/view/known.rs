//! What the region has told of the site, and the [`View`] that comes of it: of a VLAN on which the rack has no address,
//! it knows everything and serves nothing.

use crate::dhcp::view::host::Hosts;
use crate::dhcp::view::lease_list::LeaseList;
use crate::dhcp::view::server::{Peer, Shares};
use crate::dhcp::view::site::{View, Vlan};
use regent_core::id::VlanId;
use regent_core::model::dns_name::DomainName;
use regent_core::rack_view::change::ViewChange;
use regent_core::rack_view::site::SERVERS_MAX;
use regent_core::rack_view::subnet::Subnet;
use regent_core::rack_view::vlan::VlanTold;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

/// Everything known of the site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    place: Option<Place>,
    told: BTreeMap<VlanId, VlanTold>,
    addresses: BTreeMap<VlanId, Ipv4Addr>,
    peers: BTreeMap<VlanId, Vec<Peer>>,
    /// What names of NTP servers stand for.
    names: BTreeMap<DomainName, Vec<Ipv4Addr>>,
    view: View,
    /// Hosts and leases of VLANs that are told and not served.
    aside: BTreeMap<VlanId, (Hosts, LeaseList)>,
}

/// How far the rack has followed the region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The cluster's epoch.
    pub epoch: u64,
    /// The region's revision.
    pub revision: u64,
}

/// Why a difference was not brought in force: nothing has changed then, and only a whole view helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// There is nothing it could be a difference to.
    #[error("a difference came before any view")]
    NoView,
    /// The region was restored since, or before.
    #[error("a difference of epoch {told} came to a view of epoch {known}")]
    Epoch {
        /// Of the difference.
        told: u64,
        /// Of the view.
        known: u64,
    },
    /// It is older than what is known.
    #[error("a difference of revision {told} came to a view of revision {known}")]
    Outdated {
        /// Of the difference.
        told: u64,
        /// Of the view.
        known: u64,
    },
}

impl Known {
    /// Brings in force what the region told.
    ///
    /// # Errors
    /// [`Unfit`] if it is no difference to what is known.
    pub fn bring(&mut self, change: ViewChange) -> Result<(), Unfit> {
        self.check(&change)?;
        if change.whole {
            self.told.clear();
            self.view = View::default();
            self.aside.clear();
        }
        self.place = Some(Place { epoch: change.epoch, revision: change.revision });
        for vlan in change.removed {
            self.told.remove(&vlan);
            self.view.remove(vlan);
            self.aside.remove(&vlan);
        }
        for vlan in change.vlans {
            let id = vlan.id;
            self.told.insert(id, vlan);
            self.settle(id);
        }
        for (vlan, client, host) in change.hosts {
            let Some((hosts, _)) = self.lists(vlan) else { continue };
            match host {
                Some(host) => hosts.put(client, host),
                None => hosts.remove(&client),
            }
        }
        for (vlan, address, lease) in change.leases {
            let Some((_, leases)) = self.lists(vlan) else { continue };
            match lease {
                Some(lease) => leases.put(address, lease),
                None => leases.remove(address),
            }
        }
        Ok(())
    }

    /// The rack has these addresses, on these VLANs and no others.
    pub fn stand(&mut self, addresses: BTreeMap<VlanId, Ipv4Addr>) {
        let before = std::mem::replace(&mut self.addresses, addresses);
        let vlans: Vec<VlanId> = self.told.keys().copied().collect();
        for vlan in vlans {
            if before.get(&vlan) != self.addresses.get(&vlan) {
                self.settle(vlan);
            }
        }
    }

    /// Names in what was told stand for these addresses, and other names for none.
    pub fn resolve(&mut self, names: BTreeMap<DomainName, Vec<Ipv4Addr>>) {
        self.names = names;
        let has_names =
            |told: &&VlanTold| told.subnets.iter().any(|subnet| !subnet.told.ntp_names.is_empty());
        let vlans: Vec<VlanId> = self.told.values().filter(has_names).map(|told| told.id).collect();
        vlans.into_iter().for_each(|vlan| self.settle(vlan));
    }

    /// The names in what was told. Looks at every subnet.
    #[must_use]
    pub fn names(&self) -> BTreeSet<DomainName> {
        let subnets = self.told.values().flat_map(|told| &told.subnets);
        subnets.flat_map(|subnet| &subnet.told.ntp_names).cloned().collect()
    }

    /// These are the other racks of the VLANs, and no others.
    pub fn meet(&mut self, peers: impl IntoIterator<Item = (VlanId, Peer)>) {
        self.peers.clear();
        for (vlan, peer) in peers {
            self.peers.entry(vlan).or_default().push(peer);
        }
        let served: Vec<VlanId> = self.view.vlans().map(|vlan| vlan.id).collect();
        for id in served {
            let peers = self.peers.get(&id).cloned().unwrap_or_default();
            if let Some(vlan) = self.view.vlan_mut(id) {
                vlan.peers = peers;
            }
        }
    }

    /// What is served.
    #[must_use]
    pub fn view(&self) -> &View {
        &self.view
    }

    /// How far the region was followed; none before the first view.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.place
    }

    /// What was told of a VLAN, whether it is served or not.
    #[must_use]
    pub fn told(&self, vlan: VlanId) -> Option<&VlanTold> {
        self.told.get(&vlan)
    }

    /// Every VLAN that was told, whether it is served or not.
    pub fn vlans(&self) -> impl Iterator<Item = &VlanTold> {
        self.told.values()
    }

    /// All that was told, as one change: what a rack keeps on its disk. None before the first view.
    #[must_use]
    pub fn whole(&self) -> Option<ViewChange> {
        let Place { epoch, revision } = self.place?;
        let mut whole = ViewChange { epoch, revision, whole: true, ..ViewChange::default() };
        whole.vlans = self.told.values().cloned().collect();
        let served = self.view.vlans().map(|vlan| (vlan.id, &vlan.hosts, &vlan.leases));
        let aside = self.aside.iter().map(|(vlan, (hosts, leases))| (*vlan, hosts, leases));
        for (vlan, hosts, leases) in served.chain(aside) {
            let hosts =
                hosts.iter().map(|(client, host)| (vlan, client.clone(), Some(host.clone())));
            whole.hosts.extend(hosts);
            let leases = leases.iter().map(|(address, lease)| (vlan, address, Some(lease.clone())));
            whole.leases.extend(leases);
        }
        Some(whole)
    }

    fn check(&self, change: &ViewChange) -> Result<(), Unfit> {
        if change.whole {
            return Ok(());
        }
        let known = self.place.ok_or(Unfit::NoView)?;
        if change.epoch != known.epoch {
            return Err(Unfit::Epoch { told: change.epoch, known: known.epoch });
        }
        if change.revision < known.revision {
            return Err(Unfit::Outdated { told: change.revision, known: known.revision });
        }
        Ok(())
    }

    /// Serves a VLAN as it was told, or sets it aside if the rack has no address there. Hosts and leases stay.
    fn settle(&mut self, id: VlanId) {
        let Some(told) = self.told.get(&id) else { return };
        let served = self.view.remove(id).map(|vlan| (vlan.hosts, vlan.leases));
        let (hosts, leases) = served.or_else(|| self.aside.remove(&id)).unwrap_or_default();
        let Some(server_id) = self.addresses.get(&id).copied() else {
            self.aside.insert(id, (hosts, leases));
            return;
        };
        self.view.put(Vlan {
            id,
            server_id,
            place: told.share.place,
            shares: Shares::of(told.share),
            peers: self.peers.get(&id).cloned().unwrap_or_default(),
            subnets: told.subnets.iter().map(|told| resolved(told, &self.names)).collect(),
            hosts,
            leases,
            boot: told.boot.clone(),
            settings: told.settings.clone(),
            probing: told.probing,
        });
    }

    fn lists(&mut self, vlan: VlanId) -> Option<(&mut Hosts, &mut LeaseList)> {
        match self.view.vlan_mut(vlan) {
            Some(vlan) => Some((&mut vlan.hosts, &mut vlan.leases)),
            None => self.aside.get_mut(&vlan).map(|(hosts, leases)| (hosts, leases)),
        }
    }
}

/// A subnet with addresses for the names in it.
fn resolved(told: &Subnet, names: &BTreeMap<DomainName, Vec<Ipv4Addr>>) -> Subnet {
    let mut subnet = told.clone();
    let servers = &mut subnet.told.ntp_servers;
    for address in told.told.ntp_names.iter().filter_map(|name| names.get(name)).flatten() {
        if servers.len() < SERVERS_MAX && !servers.contains(address) {
            servers.push(*address);
        }
    }
    subnet
}
