//! The site as the rack serves it: what the region told, brought together with the rack's own wires.
//!
//! A VLAN is served on the wire that has an address in one of its subnets; that address is what clients take for the
//! server's. A VLAN without such a wire is reached through relays only, at any wire.

use crate::dhcp::view::boot::Boot;
use crate::dhcp::view::change::{BootTold, ViewChange, VlanTold};
use crate::dhcp::view::server::Peer;
use crate::dhcp::view::site::{View, Vlan};
use crate::dhcp::view::subnet::Subnet;
use crate::duty::event::{Wire, WireId};
use crate::session::Fellow;
use regent_core::id::VlanId;
use regent_core::lease::terms::Terms;
use regent_core::net::address_range::AddressRange;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// What a packet at a wire that belongs to no VLAN is taken to come from. VLANs are numbered upwards and never get there.
const NO_VLAN: VlanId = VlanId(u32::MAX);

/// Everything known of the site.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// The epoch of what was told.
    pub epoch: u64,
    /// The revision of what was told.
    pub revision: u64,
    view: View,
    facts: BTreeMap<VlanId, Facts>,
    fellows: Vec<Fellow>,
    wires: Vec<Wire>,
}

/// What the exchange has no need of.
#[derive(Clone, Debug)]
struct Facts {
    epoch: u64,
    own_blocks: Vec<AddressRange>,
    boot: Option<BootTold>,
    wire: Option<WireId>,
}

impl Site {
    /// What the exchange answers from.
    #[must_use]
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Brings a change in force.
    pub fn apply(&mut self, change: ViewChange) {
        if change.whole {
            self.view = View::default();
            self.facts.clear();
        }
        for id in change.removed {
            self.view.remove(id);
            self.facts.remove(&id);
        }
        for told in change.vlans {
            self.put(told);
        }
        for (vlan, client, host) in change.hosts {
            let Some(vlan) = self.view.vlan_mut(vlan) else { continue };
            match host {
                Some(host) => vlan.hosts.put(client, host),
                None => vlan.hosts.remove(&client),
            }
        }
        for (vlan, address, lease) in change.leases {
            let Some(vlan) = self.view.vlan_mut(vlan) else { continue };
            match lease {
                Some(lease) => vlan.leases.put(address, lease),
                None => vlan.leases.remove(address),
            }
        }
        (self.epoch, self.revision) = (change.epoch, change.revision);
        self.join();
    }

    fn put(&mut self, told: VlanTold) {
        let last = self.view.remove(told.id);
        let (hosts, leases) = last.map(|last| (last.hosts, last.leases)).unwrap_or_default();
        let VlanTold { id, epoch, role, shares, subnets, own_blocks, boot, settings, probing } =
            told;
        self.facts.insert(id, Facts { epoch, own_blocks, boot, wire: None });
        self.view.put(Vlan {
            id,
            server_id: Ipv4Addr::UNSPECIFIED,
            role,
            shares,
            peers: Vec::new(),
            subnets,
            hosts,
            leases,
            boot: None,
            settings,
            probing,
        });
    }

    /// These are the rack's wires now.
    pub fn set_wires(&mut self, wires: Vec<Wire>) {
        self.wires = wires;
        self.join();
    }

    /// These are the other racks now.
    pub fn set_fellows(&mut self, fellows: Vec<Fellow>) {
        self.fellows = fellows;
        self.join();
    }

    /// Finds each VLAN's wire and peers.
    fn join(&mut self) {
        for (id, facts) in &mut self.facts {
            let Some(vlan) = self.view.vlan_mut(*id) else { continue };
            let own = own_address(&self.wires, vlan);
            facts.wire = own.map(|(wire, _)| wire);
            let any = self.wires.iter().flat_map(|wire| wire.addresses.first()).next();
            let any = any.map_or(Ipv4Addr::UNSPECIFIED, |any| any.address);
            set_server(vlan, facts, own.map_or(any, |(_, address)| address));
            let fellows = self.fellows.iter().filter(|fellow| fellow.vlan == *id);
            vlan.peers = fellows.map(peer).collect();
        }
    }

    /// VLANs that have no wire of their own are served from this one for now.
    pub fn stand_at(&mut self, wire: WireId) {
        let Some(address) = self.address_at(wire) else { return };
        for (id, facts) in self.facts.iter().filter(|(_, facts)| facts.wire.is_none()) {
            let Some(vlan) = self.view.vlan_mut(*id) else { continue };
            if vlan.server_id != address {
                set_server(vlan, facts, address);
            }
        }
    }

    fn address_at(&self, wire: WireId) -> Option<Ipv4Addr> {
        let wire = self.wires.iter().find(|known| known.id == wire)?;
        wire.addresses.first().map(|own| own.address)
    }

    /// The VLAN of a wire, as a packet's arrival has it.
    #[must_use]
    pub fn vlan_at(&self, wire: WireId) -> VlanId {
        let addresses = self.wires.iter().filter(|known| known.id == wire);
        let mut addresses = addresses.flat_map(|wire| &wire.addresses);
        let vlan = addresses.find_map(|own| self.view.vlan_with(own.address));
        vlan.map_or(NO_VLAN, |vlan| vlan.id)
    }

    /// The VLAN's own wire.
    #[must_use]
    pub fn wire_of(&self, vlan: VlanId) -> Option<WireId> {
        self.facts.get(&vlan)?.wire
    }

    /// Any wire with an address: relayed packets may come in there.
    #[must_use]
    pub fn any_wire(&self) -> Option<WireId> {
        self.wires.iter().find(|wire| !wire.addresses.is_empty()).map(|wire| wire.id)
    }

    /// The epoch of a VLAN's service (rule R10).
    #[must_use]
    pub fn service_epoch(&self, vlan: VlanId) -> Option<u64> {
        self.facts.get(&vlan).map(|facts| facts.epoch)
    }

    /// The subnet an address lies in.
    #[must_use]
    pub fn subnet_of(&self, address: Ipv4Addr) -> Option<&Subnet> {
        self.view.vlan_with(address)?.subnet_of(address)
    }

    /// The lengths of time that hold for an address; the usual ones where it is not served any more.
    #[must_use]
    pub fn terms_of(&self, address: Ipv4Addr) -> Terms {
        self.subnet_of(address).map_or_else(Terms::default, |subnet| subnet.terms)
    }

    /// Blocks the region has down for this rack.
    pub fn own_blocks(&self) -> impl Iterator<Item = &AddressRange> {
        self.facts.values().flat_map(|facts| &facts.own_blocks)
    }
}

fn own_address(wires: &[Wire], vlan: &Vlan) -> Option<(WireId, Ipv4Addr)> {
    let own = |wire: &Wire| {
        let mut addresses = wire.addresses.iter().map(|own| own.address);
        let address = addresses.find(|address| vlan.subnet_of(*address).is_some())?;
        Some((wire.id, address))
    };
    wires.iter().find_map(own)
}

/// Clients of the VLAN speak to this address, and boot from it where no other server is set.
fn set_server(vlan: &mut Vlan, facts: &Facts, address: Ipv4Addr) {
    vlan.server_id = address;
    vlan.boot = facts.boot.clone().map(|boot| {
        let BootTold { server, files, ipxe_script, http } = boot;
        Boot { server: server.unwrap_or(address), files, ipxe_script, http }
    });
}

fn peer(fellow: &Fellow) -> Peer {
    let Fellow { server_id, role, missed_heartbeats, .. } = *fellow;
    Peer { server_id, role, missed_heartbeats }
}
