//! Fabrics, spaces, VLANs, subnets and routes between them.

use crate::cli::import::record::record;
use crate::cli::import::tables::ids::{FabricId, NodeId, SpaceId, StaticRouteId, SubnetId, VlanId};
use ipnet::IpNet;
use regent_core::time::WallTime;
use std::net::IpAddr;

record! {
    /// A fabric.
    Fabric in "maasserver_fabric" by "id" {
        id: FabricId,
        created: WallTime,
        updated: WallTime,
        /// `None` stands for `fabric-<id>`.
        name: Option<String>,
        class_type: Option<String>,
        description: String,
    }
}

record! {
    /// A space.
    Space in "maasserver_space" by "id" {
        id: SpaceId,
        created: WallTime,
        updated: WallTime,
        /// `None` stands for `space-<id>`.
        name: Option<String>,
        description: String,
    }
}

record! {
    /// A VLAN.
    Vlan in "maasserver_vlan" by "id" {
        id: VlanId,
        created: WallTime,
        updated: WallTime,
        /// `None` stands for a name made from the number.
        name: Option<String>,
        vid: i64,
        mtu: i64,
        fabric_id: FabricId,
        dhcp_on: bool,
        primary_rack_id: Option<NodeId>,
        secondary_rack_id: Option<NodeId>,
        /// A DHCP server that is not MAAS's.
        external_dhcp: Option<IpAddr>,
        relay_vlan_id: Option<VlanId>,
        space_id: Option<SpaceId>,
        description: String,
    }
}

record! {
    /// A subnet.
    Subnet in "maasserver_subnet" by "id" {
        id: SubnetId,
        created: WallTime,
        updated: WallTime,
        name: String,
        cidr: IpNet,
        vlan_id: VlanId,
        gateway_ip: Option<IpAddr>,
        dns_servers: Option<Vec<String>>,
        /// 0 no reverse zone, 1 plain, 2 with RFC 2317 delegation.
        rdns_mode: i64,
        allow_dns: bool,
        allow_proxy: bool,
        active_discovery: bool,
        managed: bool,
        disabled_boot_architectures: Vec<String>,
        description: String,
    }
}

record! {
    /// A route from one subnet to another.
    StaticRoute in "maasserver_staticroute" by "id" {
        id: StaticRouteId,
        created: WallTime,
        updated: WallTime,
        source_id: SubnetId,
        destination_id: SubnetId,
        gateway_ip: IpAddr,
        metric: i64,
    }
}
