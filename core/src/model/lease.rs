//! A DHCP lease: the binding of an address, and what is known of the client besides.

use crate::id::{NodeId, SubnetId};
use crate::lease::binding::{Binding, Client, Held};
use crate::net::mac::MacAddr;
use crate::time::ClusterTime;
use serde::{Deserialize, Serialize};

/// Longest client identifier (RFC 2132 section 9.14: one length octet).
pub const CLIENT_ID_BYTES_MAX: usize = 255;
/// Longest host name a client may send.
pub const CLIENT_HOSTNAME_BYTES_MAX: usize = 255;

/// A lease; the address is its key. It stays when it has ended: a client that comes back gets its address again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Whose the address is, until when, and who may act on it.
    pub binding: Binding,
    /// The client's identifier; empty if it sent none. Does not count, unless the client has no hardware address.
    pub client_id: Vec<u8>,
    /// The host name the client sent; empty if none. Not trusted to be a name.
    pub hostname: String,
    /// The subnet it was given on.
    pub subnet: Option<SubnetId>,
    /// The rack that gave it last.
    pub rack: Option<NodeId>,
    /// When its owner got it.
    pub start: ClusterTime,
}

impl Lease {
    /// The hardware address of its owner, if it has one.
    #[must_use]
    pub fn mac_address(&self) -> Option<MacAddr> {
        match self.binding.owner {
            Some(Client::Card(mac_address)) => Some(mac_address),
            Some(Client::Identifier(_)) | None => None,
        }
    }

    /// Whether nobody else may be given the address for good meanwhile.
    #[must_use]
    pub fn holds_address(&self) -> bool {
        match self.binding.held {
            Held::Bound | Held::Declined => true,
            Held::Expired | Held::Released => false,
        }
    }
}
