//! Commands about machines, devices and controllers.

use crate::command::patch::patch;
use crate::id::{
    AvailabilityZoneId, BmcId, DomainId, InterfaceId, NodeId, ResourcePoolId, StaticIpAddressId,
    TagId, UserId, VlanId,
};
use crate::model::hostname::Hostname;
use crate::model::node::{ControllerInfo, Node, NodeType, PowerState};
use crate::model::node_status::NodeStatus;
use crate::model::parameter::Parameters;
use crate::net::mac::MacAddr;
use crate::time::WallTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Interfaces one command may create with a node.
pub const NEW_INTERFACES_MAX: usize = 64;

/// A change of the nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NodeCommand {
    /// A new one with its interfaces; the first is the one it boots from.
    Create(NewNode),
    /// Other values for some fields.
    Update {
        /// Which.
        id: NodeId,
        /// The fields and their values.
        patch: NodePatch,
    },
    /// Gone, with its interfaces.
    Delete {
        /// Which.
        id: NodeId,
    },
    /// One step in a machine's life.
    Act {
        /// Which.
        id: NodeId,
        /// The step.
        action: NodeAction,
    },
}

/// A node to be created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewNode {
    /// What it is.
    pub node_type: NodeType,
    /// What is known of it. Host name (its system id), domain, zone and pool (the site's) have defaults.
    pub fields: NodePatch,
    /// Its interfaces.
    pub interfaces: Vec<NewInterface>,
}

/// An interface to be created with its node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewInterface {
    /// Its name.
    pub name: String,
    /// Its hardware address.
    pub mac_address: MacAddr,
    /// The VLAN it is plugged into, if known.
    pub vlan: Option<VlanId>,
}

/// A step in a machine's life. Only the recorded status changes: no power action follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NodeAction {
    /// Look at its hardware.
    Commission,
    /// Stop what is going on.
    Abort,
    /// Give it to an owner.
    Allocate,
    /// Put an operating system on it.
    Deploy,
    /// Give it back.
    Release,
    /// Mark it broken.
    MarkBroken {
        /// What is wrong.
        comment: String,
    },
    /// Mark it repaired.
    MarkFixed,
    /// Protect it from changes of status.
    Lock,
    /// End that protection.
    Unlock,
    /// Record a status that was reached.
    Become {
        /// The status; it must be one that may follow the present one.
        status: NodeStatus,
    },
}

patch! {
    /// Changed fields of a node.
    NodePatch of Node {
        /// Its host name.
        hostname: Hostname,
        /// The domain its name lives in.
        domain: Option<DomainId>,
        /// Architecture and subarchitecture.
        architecture: String,
        /// Free text.
        description: String,
        /// The interface it boots from.
        boot_interface: Option<InterfaceId>,
        /// Time to live of its names in seconds.
        address_ttl: Option<u32>,
        /// Its power as last seen.
        power_state: PowerState,
        /// When that was seen.
        power_state_updated: Option<WallTime>,
        /// The zone it stands in.
        zone: AvailabilityZoneId,
        /// The pool it is given out from.
        pool: Option<ResourcePoolId>,
        /// The tags it carries.
        tags: BTreeSet<TagId>,
        /// Whose it is.
        owner: Option<UserId>,
        /// The node it lives in or belongs to.
        parent: Option<NodeId>,
        /// What switches its power.
        bmc: Option<BmcId>,
        /// What that needs to know about this node alone.
        instance_power_parameters: Parameters,
        /// The address whose subnet gives it its IPv4 default route.
        gateway_link_ipv4: Option<StaticIpAddressId>,
        /// The address whose subnet gives it its IPv6 default route.
        gateway_link_ipv6: Option<StaticIpAddressId>,
        /// Its hardware's UUID.
        hardware_uuid: Option<String>,
        /// The operating system on it.
        osystem: String,
        /// The release of that system.
        distro_series: String,
        /// The kernel it is to run.
        hwe_kernel: Option<String>,
        /// The oldest kernel it can run.
        min_hwe_kernel: Option<String>,
        /// Processor threads.
        cpu_count: u32,
        /// Their speed in MHz.
        cpu_speed: u32,
        /// Memory in MiB.
        memory: u32,
        /// Swap in MiB.
        swap_size: Option<u64>,
        /// How its firmware boots.
        bios_boot_method: Option<String>,
        /// Whether it boots from the network next time.
        netboot: bool,
        /// Whether it runs from memory.
        ephemeral_deploy: bool,
        /// Whether it goes with the host it lives in.
        dynamic: bool,
        /// Which tool holds it for its owner.
        agent_name: String,
        /// Whether its hardware is looked at while it runs.
        enable_hw_sync: bool,
        /// Whether it is a data processing unit.
        is_dpu: bool,
        /// What is wrong with it.
        error_description: String,
        /// Its software, if it is a controller.
        controller: Option<ControllerInfo>,
    }
}
