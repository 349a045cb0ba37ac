//! Network interfaces, their stacking and their addresses.

use crate::cli::import::record::record;
use crate::cli::import::tables::ids::{
    InterfaceAddressId, InterfaceId, InterfaceRelationshipId, NodeConfigId, StaticIpAddressId,
    VlanId,
};
use crate::cli::import::value::MacAddr;
use regent_core::time::WallTime;
use serde_json::Value as Json;

record! {
    /// A network interface.
    Interface in "maasserver_interface" by "id" {
        id: InterfaceId,
        created: WallTime,
        updated: WallTime,
        name: String,
        /// `physical`, `bond`, `bridge`, `vlan`, `unknown` (known from a lease only), `alias`.
        kind: String as "type",
        mac_address: Option<MacAddr>,
        /// `None` for an unknown interface.
        node_config_id: Option<NodeConfigId>,
        vlan_id: Option<VlanId>,
        enabled: bool,
        params: Option<Json>,
        tags: Option<Vec<String>>,
        acquired: bool,
        link_connected: bool,
        /// In Mbit/s.
        link_speed: i64,
        /// In Mbit/s.
        interface_speed: i64,
        sriov_max_vf: i64,
        firmware_version: Option<String>,
        vendor: Option<String>,
        product: Option<String>,
    }
}

record! {
    /// That `child_id` (a bond, bridge or VLAN) lies on `parent_id`.
    InterfaceRelationship in "maasserver_interfacerelationship" by "id" {
        id: InterfaceRelationshipId,
        parent_id: InterfaceId,
        child_id: InterfaceId,
    }
}

record! {
    /// An address on an interface.
    InterfaceAddress in "maasserver_interface_ip_addresses" by "id" {
        id: InterfaceAddressId,
        interface_id: InterfaceId,
        staticipaddress_id: StaticIpAddressId,
    }
}
