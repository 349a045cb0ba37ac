//! Who serves DHCP on a VLAN. Follows the VLAN: nobody writes it.

use crate::id::NodeId;
use serde::{Deserialize, Serialize};

/// The racks of a VLAN that answer its clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DhcpService {
    /// Rises whenever the racks change: what a rack asks under an older one is refused (rule R10).
    pub epoch: u64,
    /// The racks, the one that answers first at the front. None while the VLAN is not served.
    pub servers: Vec<NodeId>,
}
