//! A VLAN of a fabric, and who serves DHCP on it.

use crate::id::{FabricId, NodeId, SpaceId, VlanId};
use crate::model::boot::BootSettings;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Highest VLAN number (IEEE 802.1Q reserves 4095).
pub const VID_MAX: u16 = 4094;
/// Smallest MTU in bytes that Linux takes.
pub const MTU_BYTES_MIN: u32 = 552;
/// Largest MTU in bytes.
pub const MTU_BYTES_MAX: u32 = 65_535;
/// MTU in bytes where nothing else is said.
pub const MTU_BYTES_DEFAULT: u32 = 1500;

/// Racks that serve a VLAN beside the primary and the secondary one.
pub const MORE_RACKS_MAX: usize = 6;

/// A VLAN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vlan {
    /// Its number; unique in its fabric, 0 for untagged.
    pub vid: u16,
    /// The fabric it belongs to.
    pub fabric: FabricId,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Free text for people.
    pub description: String,
    /// Largest frame payload in bytes.
    pub mtu: u32,
    /// Whether the racks serve DHCP on it.
    pub dhcp_on: bool,
    /// The rack that serves it, and answers first.
    pub primary_rack: Option<NodeId>,
    /// The rack that answers next.
    pub secondary_rack: Option<NodeId>,
    /// Racks that answer after these two, in their order; [`MORE_RACKS_MAX`] at the most.
    pub more_racks: Vec<NodeId>,
    /// A DHCP server not ours, seen on it: the last that appeared. `ForeignDhcp` has when.
    pub external_dhcp: Option<IpAddr>,
    /// The VLAN to which a relay sends its DHCP.
    pub relay_vlan: Option<VlanId>,
    /// The space it belongs to.
    pub space: Option<SpaceId>,
    /// How its clients boot; not from the network if nobody said.
    pub boot: Option<BootSettings>,
}

impl Vlan {
    /// The racks that answer its clients, the one that answers first at the front.
    #[must_use]
    pub fn dhcp_servers(&self) -> Vec<NodeId> {
        if self.dhcp_on { self.racks().collect() } else { Vec::new() }
    }

    /// The racks set for it, whether DHCP is on or not, in the order in which they answer.
    pub fn racks(&self) -> impl Iterator<Item = NodeId> + '_ {
        let first = self.primary_rack.into_iter().chain(self.secondary_rack);
        first.chain(self.more_racks.iter().copied())
    }

    /// Takes a rack off: those behind it move up, and DHCP goes off with the last one.
    pub fn let_go_of(&mut self, rack: NodeId) {
        let left: Vec<NodeId> = self.racks().filter(|other| *other != rack).collect();
        let mut left = left.into_iter();
        (self.primary_rack, self.secondary_rack) = (left.next(), left.next());
        self.more_racks = left.collect();
        self.dhcp_on &= self.primary_rack.is_some();
    }

    /// A VLAN with nothing set but its number and fabric.
    #[must_use]
    pub const fn new(fabric: FabricId, vid: u16) -> Self {
        Self {
            vid,
            fabric,
            name: None,
            description: String::new(),
            mtu: MTU_BYTES_DEFAULT,
            dhcp_on: false,
            primary_rack: None,
            secondary_rack: None,
            more_racks: Vec::new(),
            external_dhcp: None,
            relay_vlan: None,
            space: None,
            boot: None,
        }
    }
}
