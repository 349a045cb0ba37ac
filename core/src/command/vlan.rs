//! Commands about VLANs.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::{FabricId, NodeId, SpaceId, VlanId};
use crate::model::boot::BootSettings;
use crate::model::vlan::Vlan;
use std::net::IpAddr;

/// A change of the VLANs.
pub type VlanCommand = Edit<Vlan, VlanPatch, VlanId>;

patch! {
    /// Changed fields of a VLAN.
    VlanPatch of Vlan {
        /// Its number.
        vid: u16,
        /// The fabric it belongs to.
        fabric: FabricId,
        /// Its name.
        name: Option<String>,
        /// Free text for people.
        description: String,
        /// Largest frame payload in bytes.
        mtu: u32,
        /// Whether the racks serve DHCP on it.
        dhcp_on: bool,
        /// The rack that serves it, and answers first.
        primary_rack: Option<NodeId>,
        /// The rack that answers next.
        secondary_rack: Option<NodeId>,
        /// Racks that answer after these two, in their order.
        more_racks: Vec<NodeId>,
        /// A DHCP server not ours, seen on it.
        external_dhcp: Option<IpAddr>,
        /// The VLAN to which a relay sends its DHCP.
        relay_vlan: Option<VlanId>,
        /// The space it belongs to.
        space: Option<SpaceId>,
        /// How its clients boot.
        boot: Option<BootSettings>,
    }
}
