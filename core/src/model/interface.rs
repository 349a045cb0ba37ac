//! A network interface: of a node, or of nobody known.

use crate::id::{InterfaceId, NodeId, VlanId};
use crate::model::parameter::Parameters;
use crate::net::mac::MacAddr;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Longest interface name Linux takes (IFNAMSIZ less the final zero).
pub const INTERFACE_NAME_BYTES_MAX: usize = 15;
/// Interfaces of one node.
pub const NODE_INTERFACES_MAX: usize = 1024;
/// Links, and addresses seen, of one interface.
pub const INTERFACE_LINKS_MAX: usize = 256;
/// Interfaces made of one another, from the card to the topmost.
pub const INTERFACE_LEVELS_MAX: usize = 8;

/// What sort of interface it is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum InterfaceType {
    /// A card.
    #[default]
    Physical,
    /// Several cards as one.
    Bond,
    /// A switch inside the node.
    Bridge,
    /// A tagged VLAN on another interface.
    Vlan,
    /// Seen on the network only: nobody knows whose it is.
    Unknown,
}

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Its name on the node; unique there.
    pub name: String,
    /// What sort it is (MAAS's `type`).
    pub interface_type: InterfaceType,
    /// The node it belongs to; none exactly for unknown ones.
    pub node: Option<NodeId>,
    /// Its hardware address. That of a card is unique among cards; others may share their parents'.
    pub mac_address: Option<MacAddr>,
    /// The VLAN it is plugged into, if known.
    pub vlan: Option<VlanId>,
    /// The interfaces it is made of.
    pub parents: BTreeSet<InterfaceId>,
    /// Whether it is in use.
    pub enabled: bool,
    /// Settings of bonds, bridges and the like.
    pub params: Parameters,
    /// Words for machine constraints.
    pub tags: BTreeSet<String>,
    /// Whether it was made for the present owner and goes when the node is released.
    pub acquired: bool,
    /// Whether a cable is plugged in.
    pub link_connected: bool,
    /// Speed of the link in Mbit/s.
    pub link_speed: u32,
    /// Speed the card can do in Mbit/s.
    pub interface_speed: u32,
    /// Virtual functions it can be split into.
    pub sriov_max_vf: u32,
    /// Version of its firmware.
    pub firmware_version: Option<String>,
    /// Who made it.
    pub vendor: Option<String>,
    /// What it is called by whoever made it.
    pub product: Option<String>,
}

impl InterfaceType {
    /// MAAS's word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Physical => "physical",
            Self::Bond => "bond",
            Self::Bridge => "bridge",
            Self::Vlan => "vlan",
            Self::Unknown => "unknown",
        }
    }
}

impl Interface {
    /// An enabled card of a node, nothing else known.
    #[must_use]
    pub fn physical(node: NodeId, name: &str, mac_address: MacAddr) -> Self {
        Self {
            node: Some(node),
            mac_address: Some(mac_address),
            ..Self::new(InterfaceType::Physical, name)
        }
    }

    /// An enabled interface of one type, nobody's yet.
    #[must_use]
    pub fn new(interface_type: InterfaceType, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            interface_type,
            node: None,
            mac_address: None,
            vlan: None,
            parents: BTreeSet::new(),
            enabled: true,
            params: Parameters::new(),
            tags: BTreeSet::new(),
            acquired: false,
            link_connected: true,
            link_speed: 0,
            interface_speed: 0,
            sriov_max_vf: 0,
            firmware_version: None,
            vendor: None,
            product: None,
        }
    }
}
