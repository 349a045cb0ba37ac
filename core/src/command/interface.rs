//! Commands about interfaces.

use crate::command::patch::patch;
use crate::id::InterfaceId;
use crate::model::interface::Interface;
use crate::net::mac::MacAddr;
use serde::{Deserialize, Serialize};

/// A change of the interfaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InterfaceCommand {
    /// A new one on a node.
    Create(Interface),
    /// Other values for some fields.
    Update {
        /// Which.
        id: InterfaceId,
        /// The fields and their values.
        patch: InterfacePatch,
    },
    /// Gone.
    Delete {
        /// Which.
        id: InterfaceId,
    },
}

patch! {
    /// Changed fields of an interface.
    InterfacePatch of Interface {
        /// Its name.
        name: String,
        /// Its hardware address.
        mac_address: Option<MacAddr>,
        /// Whether it is in use.
        enabled: bool,
    }
}
