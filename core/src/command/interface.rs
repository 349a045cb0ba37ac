//! Commands about interfaces.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::{InterfaceId, VlanId};
use crate::model::interface::Interface;
use crate::model::parameter::Parameters;
use crate::net::mac::MacAddr;
use std::collections::BTreeSet;

/// A change of the interfaces.
pub type InterfaceCommand = Edit<Interface, InterfacePatch, InterfaceId>;

patch! {
    /// Changed fields of an interface; its type and node never change.
    InterfacePatch of Interface {
        /// Its name.
        name: String,
        /// Its hardware address.
        mac_address: Option<MacAddr>,
        /// The VLAN it is plugged into.
        vlan: Option<VlanId>,
        /// The interfaces it is made of.
        parents: BTreeSet<InterfaceId>,
        /// Whether it is in use.
        enabled: bool,
        /// Settings of bonds, bridges and the like.
        params: Parameters,
        /// Words for machine constraints.
        tags: BTreeSet<String>,
        /// Whether it goes when the node is released.
        acquired: bool,
        /// Whether a cable is plugged in.
        link_connected: bool,
        /// Speed of the link in Mbit/s.
        link_speed: u32,
        /// Speed the card can do in Mbit/s.
        interface_speed: u32,
        /// Virtual functions it can be split into.
        sriov_max_vf: u32,
        /// Version of its firmware.
        firmware_version: Option<String>,
        /// Who made it.
        vendor: Option<String>,
        /// What it is called by whoever made it.
        product: Option<String>,
    }
}
