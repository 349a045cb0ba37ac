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
    /// The rack that serves it.
    pub primary_rack: Option<NodeId>,
    /// The other rack that serves it.
    pub secondary_rack: Option<NodeId>,
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
        let racks = self.primary_rack.into_iter().chain(self.secondary_rack);
        racks.filter(|_| self.dhcp_on).collect()
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
            external_dhcp: None,
            relay_vlan: None,
            space: None,
            boot: None,
        }
    }
}
