//! The site as the rack serves it: what the region told, brought together with the rack's own wires.
//!
//! A VLAN is served on the wire that has an address in one of its subnets; that address is what clients take for the
//! server's. A VLAN without such a wire is reached through relays only, at any wire, by the address of that.

use crate::dhcp::view::known::{Known, Place, Unfit};
use crate::dhcp::view::server::Peer;
use crate::dhcp::view::site::View;
use crate::duty::event::{Wire, WireId};
use crate::session::Fellow;
use regent_core::codec::{open, seal};
use regent_core::id::VlanId;
use regent_core::lease::binding::Client;
use regent_core::lease::terms::Terms;
use regent_core::model::dns_name::DomainName;
use regent_core::net::address_range::AddressRange;
use regent_core::rack_view::change::ViewChange;
use regent_core::rack_view::lease::Standing;
use regent_core::rack_view::subnet::Subnet;
use regent_core::rack_view::vlan::VlanTold;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

/// What a packet at a wire that belongs to no VLAN is taken to come from. VLANs are numbered upwards and never get there.
const NO_VLAN: VlanId = VlanId(u32::MAX);

/// Everything known of the site.
#[derive(Clone, Debug, Default)]
pub struct Site {
    known: Known,
    wires: Vec<Wire>,
    /// The wires of VLANs that have one.
    own: BTreeMap<VlanId, (WireId, Ipv4Addr)>,
    /// The address by which VLANs without one are served just now.
    through: Option<Ipv4Addr>,
}

impl Site {
    /// What the exchange answers from.
    #[must_use]
    pub fn view(&self) -> &View {
        self.known.view()
    }

    /// How far the region was followed; none before the first view.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.known.place()
    }

    /// Brings a change in force.
    ///
    /// # Errors
    /// [`Unfit`] if it is no difference to what is known.
    pub fn bring(&mut self, change: ViewChange) -> Result<(), Unfit> {
        let is_of_vlans = change.whole || !change.vlans.is_empty() || !change.removed.is_empty();
        self.known.bring(change)?;
        // Leases come many times a second, and say nothing of wires.
        if is_of_vlans {
            self.join();
        }
        Ok(())
    }

    /// All that was told, to be kept; none if nothing was.
    #[must_use]
    pub fn sealed(&self) -> Option<Vec<u8>> {
        self.known.whole().map(|whole| seal(&whole))
    }

    /// Goes on from what was kept. What cannot be read is as good as nothing: the region tells it again.
    pub fn reopen(&mut self, sealed: &[u8]) {
        if let Ok(whole) = open::<ViewChange>(sealed)
            && self.known.bring(whole).is_ok()
        {
            self.join();
        }
    }

    /// These are the rack's wires now.
    pub fn set_wires(&mut self, wires: Vec<Wire>) {
        self.wires = wires;
        let first = self.wires.iter().find_map(|wire| wire.addresses.first());
        self.through = first.map(|own| own.address);
        self.join();
    }

    /// These are the other racks now.
    pub fn set_fellows(&mut self, fellows: &[Fellow]) {
        self.known.meet(fellows.iter().map(peer));
    }

    /// Names in what was told stand for these addresses.
    pub fn resolve(&mut self, names: BTreeMap<DomainName, Vec<Ipv4Addr>>) {
        self.known.resolve(names);
    }

    /// Names in what was told. Looks at every subnet.
    #[must_use]
    pub fn names(&self) -> BTreeSet<DomainName> {
        self.known.names()
    }

    /// Finds each VLAN's wire.
    fn join(&mut self) {
        let told = self.known.vlans();
        let own = told.filter_map(|told| Some((told.id, own_address(&self.wires, told)?)));
        self.own = own.collect();
        self.stand();
    }

    fn stand(&mut self) {
        let address = |told: &VlanTold| {
            let own = self.own.get(&told.id).map(|(_, address)| *address);
            Some((told.id, own.or(self.through)?))
        };
        let addresses = self.known.vlans().filter_map(address).collect();
        self.known.stand(addresses);
    }

    /// VLANs that have no wire of their own are served from this one for now.
    pub fn stand_at(&mut self, wire: WireId) {
        if self.known.vlans().all(|told| self.own.contains_key(&told.id)) {
            return;
        }
        let address = self.wires.iter().find(|known| known.id == wire);
        let address = address.and_then(|wire| wire.addresses.first()).map(|own| own.address);
        if address.is_some() && address != self.through {
            self.through = address;
            self.stand();
        }
    }

    /// The VLAN of a wire, as a packet's arrival has it.
    #[must_use]
    pub fn vlan_at(&self, wire: WireId) -> VlanId {
        let vlan = self.own.iter().find(|(_, (own, _))| *own == wire);
        vlan.map_or(NO_VLAN, |(vlan, _)| *vlan)
    }

    /// The VLAN's own wire.
    #[must_use]
    pub fn wire_of(&self, vlan: VlanId) -> Option<WireId> {
        self.own.get(&vlan).map(|(wire, _)| *wire)
    }

    /// The wire with this address.
    #[must_use]
    pub fn wire_at(&self, address: Ipv4Addr) -> Option<WireId> {
        let has_it = |wire: &&Wire| wire.addresses.iter().any(|own| own.address == address);
        self.wires.iter().find(has_it).map(|wire| wire.id)
    }

    /// Every VLAN the rack is to serve, and its address there if a wire of its own is in it.
    pub fn services(&self) -> impl Iterator<Item = (VlanId, Option<Ipv4Addr>)> {
        let address = |told: &VlanTold| self.own.get(&told.id).map(|(_, address)| *address);
        self.known.vlans().map(move |told| (told.id, address(told)))
    }

    /// Any wire with an address: relayed packets may come in there.
    #[must_use]
    pub fn any_wire(&self) -> Option<WireId> {
        self.wires.iter().find(|wire| !wire.addresses.is_empty()).map(|wire| wire.id)
    }

    /// The epoch of a VLAN's service (rule R10).
    #[must_use]
    pub fn service_epoch(&self, vlan: VlanId) -> Option<u64> {
        self.known.told(vlan).map(|told| told.epoch)
    }

    /// The subnet an address lies in.
    #[must_use]
    pub fn subnet_of(&self, address: Ipv4Addr) -> Option<&Subnet> {
        let mut subnets = self.known.vlans().flat_map(|told| &told.subnets);
        subnets.find(|subnet| subnet.contains(address))
    }

    /// The lengths of time that hold for an address; the usual ones where it is not served any more.
    #[must_use]
    pub fn terms_of(&self, address: Ipv4Addr) -> Terms {
        self.subnet_of(address).map_or_else(Terms::default, |subnet| subnet.terms)
    }

    /// Whether other racks serve an address as well, as far as was told. Of VLANs the rack does not serve it is told nothing.
    #[must_use]
    pub fn is_served_by_others(&self, address: Ipv4Addr) -> bool {
        let mut shared = self.known.vlans().filter(|told| told.share.places > 1);
        shared.any(|told| told.subnets.iter().any(|subnet| subnet.contains(address)))
    }

    /// Who has which address of the VLANs that no other rack serves, as far as was told. Looks at every lease.
    #[must_use]
    pub fn held_alone(&self) -> Vec<(Ipv4Addr, Client)> {
        let leases = self.known.whole().map(|whole| whole.leases).unwrap_or_default();
        let held = leases.into_iter().filter_map(|(vlan, address, lease)| {
            let lease = lease.filter(|lease| lease.standing == Standing::Held)?;
            let is_alone = self.known.told(vlan).is_some_and(|told| told.share.places == 1);
            Some((address, lease.client.filter(|_| is_alone)?))
        });
        held.collect()
    }

    /// Blocks the region has down for this rack.
    pub fn own_blocks(&self) -> impl Iterator<Item = &AddressRange> {
        self.known.vlans().flat_map(|told| &told.own_blocks)
    }
}

fn own_address(wires: &[Wire], told: &VlanTold) -> Option<(WireId, Ipv4Addr)> {
    let is_of = |address: &Ipv4Addr| told.subnets.iter().any(|subnet| subnet.contains(*address));
    let own = |wire: &Wire| {
        let mut addresses = wire.addresses.iter().map(|own| own.address);
        Some((wire.id, addresses.find(is_of)?))
    };
    wires.iter().find_map(own)
}

fn peer(fellow: &Fellow) -> (VlanId, Peer) {
    let Fellow { vlan, server_id, place, missed_heartbeats, .. } = *fellow;
    (vlan, Peer { server_id, place, missed_heartbeats })
}
