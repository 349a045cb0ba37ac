//! A node: machine, device, rack or region controller. MAAS keeps them in one table, and so do we.

use crate::id::{DomainId, InterfaceId, SystemId};
use crate::model::hostname::Hostname;
use crate::model::node_status::NodeStatus;
use serde::{Deserialize, Serialize};

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
}
