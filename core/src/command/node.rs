//! Commands about machines, devices and controllers.

use crate::command::patch::patch;
use crate::id::{DomainId, InterfaceId, NodeId};
use crate::model::hostname::Hostname;
use crate::model::node::{Node, NodeType, PowerState};
use crate::net::mac::MacAddr;
use serde::{Deserialize, Serialize};

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
    /// Its host name; its system id if absent.
    pub hostname: Option<Hostname>,
    /// The domain its name lives in.
    pub domain: Option<DomainId>,
    /// Architecture and subarchitecture.
    pub architecture: String,
    /// Free text.
    pub description: String,
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
    }
}
