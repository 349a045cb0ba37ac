//! A client where it is. One client on two VLANs is two: cards of a bond share one hardware address on several of them,
//! and who is on one VLAN has no say about another.

use regent_core::id::VlanId;
use regent_core::lease::binding::Client;

/// A client of a VLAN.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientAt {
    /// The VLAN.
    pub vlan: VlanId,
    /// The client.
    pub client: Client,
}
