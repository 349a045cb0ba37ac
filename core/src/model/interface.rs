//! A network interface of a node.

use crate::id::NodeId;
use crate::net::mac::MacAddr;
use serde::{Deserialize, Serialize};

/// Longest interface name Linux takes (IFNAMSIZ less the final zero).
pub const INTERFACE_NAME_BYTES_MAX: usize = 15;

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Its name on the node; unique there.
    pub name: String,
    /// The node it belongs to.
    pub node: NodeId,
    /// Its hardware address; a physical one is unique in the region.
    pub mac_address: Option<MacAddr>,
    /// Whether it is in use.
    pub enabled: bool,
}
