//! A node: machine, device, rack or region controller. MAAS keeps them in one table, and so do we.

use crate::id::{
    AvailabilityZoneId, BmcId, DomainId, InterfaceId, NodeId, ResourcePoolId, StaticIpAddressId,
    SystemId, TagId, UserId,
};
use crate::model::hostname::Hostname;
use crate::model::node_status::NodeStatus;
use crate::model::parameter::Parameters;
use crate::time::WallTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Nodes inside one another, from the outermost to the innermost.
pub const NODE_LEVELS_MAX: usize = 8;

/// What sort of node it is. Numbers are MAAS's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum NodeType {
    /// A machine with a life of its own.
    Machine = 0,
    /// Something with an address and a name, not managed further.
    Device = 1,
    /// A rack controller.
    RackController = 2,
    /// A region controller.
    RegionController = 3,
    /// Both on one host.
    RegionAndRackController = 4,
}

/// What a BMC said last about a machine's power.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PowerState {
    /// Running.
    On,
    /// Not running.
    Off,
    /// Nobody asked yet.
    #[default]
    Unknown,
    /// Asking failed.
    Error,
}

/// What is known of a controller's software.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControllerInfo {
    /// The version it runs.
    pub version: String,
    /// Its address for agents and people.
    pub url: String,
    /// When it last had all boot images.
    pub last_image_sync: Option<WallTime>,
}

/// A machine, device or controller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// The name by which people and tools know it.
    pub system_id: SystemId,
    /// What it is.
    pub node_type: NodeType,
    /// Its host name; unique within its domain without regard to case.
    pub hostname: Hostname,
    /// The domain its name lives in.
    pub domain: Option<DomainId>,
    /// Where in its life it is.
    pub status: NodeStatus,
    /// The status before the present one; rescue mode and tests return to it.
    pub previous_status: NodeStatus,
    /// What is wrong with it, while something is.
    pub error_description: String,
    /// Its power as last seen.
    pub power_state: PowerState,
    /// When that was seen.
    pub power_state_updated: Option<WallTime>,
    /// Architecture and subarchitecture, `amd64/generic`.
    pub architecture: String,
    /// Free text for people.
    pub description: String,
    /// The interface it boots from: its addresses carry the host name.
    pub boot_interface: Option<InterfaceId>,
    /// Time to live of its names in seconds; the domain's if absent.
    pub address_ttl: Option<u32>,
    /// Locked nodes are not changed or released by mistake.
    pub locked: bool,
    /// The zone it stands in.
    pub zone: AvailabilityZoneId,
    /// The pool it is given out from; machines only.
    pub pool: Option<ResourcePoolId>,
    /// The tags it carries.
    pub tags: BTreeSet<TagId>,
    /// Whose it is.
    pub owner: Option<UserId>,
    /// The node it lives in or belongs to.
    pub parent: Option<NodeId>,
    /// What switches its power.
    pub bmc: Option<BmcId>,
    /// What that needs to know about this node alone.
    pub instance_power_parameters: Parameters,
    /// The address whose subnet gives it its IPv4 default route.
    pub gateway_link_ipv4: Option<StaticIpAddressId>,
    /// The address whose subnet gives it its IPv6 default route.
    pub gateway_link_ipv6: Option<StaticIpAddressId>,
    /// Its hardware's UUID.
    pub hardware_uuid: Option<String>,
    /// The operating system on it.
    pub osystem: String,
    /// The release of that system.
    pub distro_series: String,
    /// The kernel it is to run.
    pub hwe_kernel: Option<String>,
    /// The oldest kernel it can run.
    pub min_hwe_kernel: Option<String>,
    /// Processor threads.
    pub cpu_count: u32,
    /// Their speed in MHz.
    pub cpu_speed: u32,
    /// Memory in MiB.
    pub memory: u32,
    /// Swap in MiB.
    pub swap_size: Option<u64>,
    /// How its firmware boots: `pxe`, `uefi`.
    pub bios_boot_method: Option<String>,
    /// Whether it boots from the network next time.
    pub netboot: bool,
    /// Whether it runs from memory, nothing on its disks.
    pub ephemeral_deploy: bool,
    /// Whether it goes with the host it lives in.
    pub dynamic: bool,
    /// Which tool holds it for its owner.
    pub agent_name: String,
    /// Whether its hardware is looked at while it runs.
    pub enable_hw_sync: bool,
    /// Whether it is a data processing unit.
    pub is_dpu: bool,
    /// Its software, if it is a controller.
    pub controller: Option<ControllerInfo>,
}

impl NodeType {
    /// MAAS's number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// Whether it is a rack controller, alone or with a region controller.
    #[must_use]
    pub const fn is_rack(self) -> bool {
        match self {
            Self::RackController | Self::RegionAndRackController => true,
            Self::Machine | Self::Device | Self::RegionController => false,
        }
    }
}

impl Node {
    /// A node of which nothing is known but what it is, what it is called and where it stands.
    #[must_use]
    pub fn new(
        system_id: SystemId,
        node_type: NodeType,
        hostname: Hostname,
        zone: AvailabilityZoneId,
    ) -> Self {
        Self {
            system_id,
            node_type,
            hostname,
            domain: None,
            status: NodeStatus::New,
            previous_status: NodeStatus::New,
            error_description: String::new(),
            power_state: PowerState::Unknown,
            power_state_updated: None,
            architecture: String::new(),
            description: String::new(),
            boot_interface: None,
            address_ttl: None,
            locked: false,
            zone,
            pool: None,
            tags: BTreeSet::new(),
            owner: None,
            parent: None,
            bmc: None,
            instance_power_parameters: Parameters::new(),
            gateway_link_ipv4: None,
            gateway_link_ipv6: None,
            hardware_uuid: None,
            osystem: String::new(),
            distro_series: String::new(),
            hwe_kernel: None,
            min_hwe_kernel: None,
            cpu_count: 0,
            cpu_speed: 0,
            memory: 0,
            swap_size: None,
            bios_boot_method: None,
            netboot: true,
            ephemeral_deploy: false,
            dynamic: false,
            agent_name: String::new(),
            enable_hw_sync: false,
            is_dpu: false,
            controller: None,
        }
    }
}
