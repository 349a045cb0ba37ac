//! A DHCP lease as recorded. How leases come and go is not decided here.

use crate::id::{NodeId, SubnetId};
use crate::net::mac::MacAddr;
use crate::time::ClusterTime;
use serde::{Deserialize, Serialize};

/// Longest client identifier (RFC 2132 9.14: one length octet).
pub const CLIENT_ID_BYTES_MAX: usize = 255;
/// Longest host name a client may send.
pub const CLIENT_HOSTNAME_BYTES_MAX: usize = 255;

/// Where a binding is in its life (RFC 2131 section 4.3, and what failover protocols call these).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum BindingState {
    /// Offered, not yet asked for.
    Offered,
    /// Bound to the client until it expires.
    Bound,
    /// Ran out.
    Expired,
    /// Given back by the client.
    Released,
    /// Refused by a client that saw it in use.
    Declined,
}

/// A binding of an address; the address is its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Where in its life it is.
    pub state: BindingState,
    /// The client's hardware address.
    pub mac_address: MacAddr,
    /// The client's identifier; empty if it sent none.
    pub client_id: Vec<u8>,
    /// The host name the client sent; empty if none. Not trusted to be a name.
    pub hostname: String,
    /// The subnet it was given on.
    pub subnet: Option<SubnetId>,
    /// The rack that gave it.
    pub rack: Option<NodeId>,
    /// When it began.
    pub start: ClusterTime,
    /// When it ends.
    pub expires: ClusterTime,
}

impl BindingState {
    /// Whether nobody else may have the address meanwhile.
    #[must_use]
    pub const fn holds_address(self) -> bool {
        match self {
            Self::Offered | Self::Bound | Self::Declined => true,
            Self::Expired | Self::Released => false,
        }
    }
}
