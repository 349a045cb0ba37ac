//! All that a rack serves: its VLANs, and the subnets found in them.

use crate::dhcp::view::host::Hosts;
use crate::dhcp::view::lease_list::LeaseList;
use crate::dhcp::view::server::{Peer, Shares};
use regent_core::id::VlanId;
use regent_core::lease::binding::Client;
use regent_core::model::boot::BootSettings;
use regent_core::rack_view::setting::Settings;
use regent_core::rack_view::subnet::Subnet;
use regent_core::rack_view::vlan::Probing;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// A VLAN this rack serves, directly or through relays. All its subnets share one wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vlan {
    /// Its id.
    pub id: VlanId,
    /// The rack's own address clients are to speak to.
    pub server_id: Ipv4Addr,
    /// How many racks come before this one: none before the primary.
    pub place: u32,
    /// Which clients it answers at once whoever comes before it, and which free addresses it offers first.
    pub shares: Shares,
    /// The other racks.
    pub peers: Vec<Peer>,
    /// Its subnets, best first.
    pub subnets: Vec<Subnet>,
    /// What is kept for single clients.
    pub hosts: Hosts,
    /// Who has which address.
    pub leases: LeaseList,
    /// How clients boot.
    pub boot: Option<BootSettings>,
    /// What an admin set for all of it.
    pub settings: Settings,
    /// Whether addresses are tried before they are offered.
    pub probing: Probing,
}

/// What a rack knows of the site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    vlans: BTreeMap<VlanId, Vlan>,
}

impl View {
    /// A view of these VLANs.
    #[must_use]
    pub fn new(vlans: impl IntoIterator<Item = Vlan>) -> Self {
        Self { vlans: vlans.into_iter().map(|vlan| (vlan.id, vlan)).collect() }
    }

    /// A VLAN, to bring it up to date.
    pub fn vlan_mut(&mut self, id: VlanId) -> Option<&mut Vlan> {
        self.vlans.get_mut(&id)
    }

    /// A VLAN.
    #[must_use]
    pub fn vlan(&self, id: VlanId) -> Option<&Vlan> {
        self.vlans.get(&id)
    }

    /// The VLAN with a subnet that holds this address of a relay or a client.
    #[must_use]
    pub fn vlan_with(&self, link: Ipv4Addr) -> Option<&Vlan> {
        self.vlans.values().find(|vlan| vlan.subnet_of(link).is_some())
    }

    /// Whether a relay may have this address: a host's of a known network that is not a rack's of that VLAN.
    #[must_use]
    pub fn may_be_relay(&self, address: Ipv4Addr) -> bool {
        self.vlan_with(address).is_some_and(|vlan| {
            let subnet = vlan.subnet_of(address);
            subnet.is_some_and(|subnet| subnet.is_host(address)) && !vlan.is_rack(address)
        })
    }

    /// Serves a VLAN, or serves it otherwise than before.
    pub fn put(&mut self, vlan: Vlan) {
        self.vlans.insert(vlan.id, vlan);
    }

    /// Serves a VLAN no more.
    pub fn remove(&mut self, id: VlanId) -> Option<Vlan> {
        self.vlans.remove(&id)
    }

    /// Every VLAN.
    pub fn vlans(&self) -> impl Iterator<Item = &Vlan> {
        self.vlans.values()
    }
}

impl Vlan {
    /// The subnet an address lies in.
    #[must_use]
    pub fn subnet_of(&self, address: Ipv4Addr) -> Option<&Subnet> {
        self.subnets.iter().find(|subnet| subnet.contains(address))
    }

    /// Whether the rack has an address, and so a wire, in the VLAN. It serves others through relays.
    #[must_use]
    pub fn is_on_a_wire(&self) -> bool {
        self.subnet_of(self.server_id).is_some()
    }

    /// Whether the address is that of a rack which serves the VLAN.
    #[must_use]
    pub fn is_rack(&self, address: Ipv4Addr) -> bool {
        address == self.server_id || self.peers.iter().any(|peer| peer.server_id == address)
    }

    /// How many racks that come before this one are not missing. One nobody has heard of is not missing, either.
    #[must_use]
    pub fn racks_ahead(&self) -> u32 {
        let is_gone = |peer: &&Peer| peer.place < self.place && peer.is_missing();
        let gone = self.peers.iter().filter(is_gone).count();
        self.place.saturating_sub(u32::try_from(gone).unwrap_or(u32::MAX))
    }

    /// Whether the client could have this address as far as settings go: in a range of ours and kept for nobody else, or
    /// kept for it. Never a rack's own or a gateway's.
    #[must_use]
    pub fn may_give(&self, address: Ipv4Addr, client: &Client) -> bool {
        let Some(subnet) = self.subnet_of(address) else { return false };
        if self.is_rack(address) {
            return false;
        }
        match self.hosts.keeper_of(address) {
            Some(keeper) => keeper == client,
            None => subnet.is_dynamic(address) && subnet.told.gateway != Some(address),
        }
    }
}
