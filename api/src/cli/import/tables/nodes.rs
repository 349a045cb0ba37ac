//! Nodes and what hangs on them: configurations, tags, pools, zones, owner data, controller versions.

use crate::cli::import::record::record;
use crate::cli::import::tables::ids::{
    BmcId, DomainId, InterfaceId, NodeConfigId, NodeId, OwnerDataId, ResourcePoolId,
    StaticIpAddressId, TagId, UserId, ZoneId,
};
use crate::cli::import::value::Hidden;
use regent_core::time::WallTime;
use serde_json::Value as Json;

record! {
    /// A machine, device or controller.
    Node in "maasserver_node" by "id" {
        id: NodeId,
        created: WallTime,
        updated: WallTime,
        system_id: String,
        hostname: String,
        /// 0 machine, 1 device, 2 rack controller, 3 region controller, 4 both.
        node_type: i64,
        status: i64,
        previous_status: i64,
        power_state: String,
        power_state_updated: Option<WallTime>,
        architecture: Option<String>,
        cpu_count: i64,
        /// In MHz.
        cpu_speed: i64,
        /// In MiB.
        memory: i64,
        swap_size: Option<i64>,
        osystem: String,
        distro_series: String,
        hwe_kernel: Option<String>,
        min_hwe_kernel: Option<String>,
        owner_id: Option<UserId>,
        domain_id: Option<DomainId>,
        zone_id: Option<ZoneId>,
        pool_id: Option<ResourcePoolId>,
        parent_id: Option<NodeId>,
        bmc_id: Option<BmcId>,
        instance_power_parameters: Option<Hidden<Json>>,
        boot_interface_id: Option<InterfaceId>,
        /// Interfaces belong to this configuration, not to the node itself.
        current_config_id: Option<NodeConfigId>,
        gateway_link_ipv4_id: Option<StaticIpAddressId>,
        gateway_link_ipv6_id: Option<StaticIpAddressId>,
        /// In seconds.
        address_ttl: Option<i64>,
        bios_boot_method: Option<String>,
        netboot: bool,
        locked: bool,
        ephemeral_deploy: bool,
        dynamic: bool,
        description: String,
        error_description: String,
        hardware_uuid: Option<String>,
        agent_name: Option<String>,
        url: String,
        enable_hw_sync: bool = false,
        is_dpu: bool = false,
        last_image_sync: Option<WallTime> = None,
    }
}

record! {
    /// One state of a node's hardware; only the node's current one counts.
    NodeConfig in "maasserver_nodeconfig" by "id" {
        id: NodeConfigId,
        node_id: NodeId,
    }
}

record! {
    /// What a controller runs.
    ControllerInfo in "maasserver_controllerinfo" by "node_id" {
        node_id: NodeId,
        version: String,
    }
}

record! {
    /// A tag.
    Tag in "maasserver_tag" by "id" {
        id: TagId,
        created: WallTime,
        updated: WallTime,
        name: String,
        /// An XPath expression, or nothing for a tag set by hand.
        definition: String,
        comment: String,
        kernel_opts: Option<String>,
    }
}

record! {
    /// A tag on a node.
    NodeTag in "maasserver_node_tags" by "id" {
        node_id: NodeId,
        tag_id: TagId,
    }
}

record! {
    /// A resource pool.
    ResourcePool in "maasserver_resourcepool" by "id" {
        id: ResourcePoolId,
        created: WallTime,
        updated: WallTime,
        name: String,
        description: String,
    }
}

record! {
    /// An availability zone.
    Zone in "maasserver_zone" by "id" {
        id: ZoneId,
        created: WallTime,
        updated: WallTime,
        name: String,
        description: String,
    }
}

record! {
    /// The zone of nodes that are given none. One row.
    DefaultResource in "maasserver_defaultresource" by "id" {
        zone_id: ZoneId,
    }
}

record! {
    /// A key and value that the owner of a node keeps with it.
    OwnerData in "maasserver_ownerdata" by "id" {
        id: OwnerDataId,
        node_id: NodeId,
        key: String,
        value: String,
    }
}
