//! What the region tells of the site, as it comes: the whole of it, or what is different now.

use crate::id::VlanId;
use crate::lease::binding::Client;
use crate::rack_view::host::Host;
use crate::rack_view::lease::Lease;
use crate::rack_view::vlan::VlanTold;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// A change of a rack's view, to be brought in force at once and in the order of its fields. A VLAN that is removed and
/// told in one change begins anew: its hosts and leases are those of the change and no others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewChange {
    /// The cluster's epoch.
    pub epoch: u64,
    /// The region's revision this brings the view to.
    pub revision: u64,
    /// Whether all that was told before is forgotten first.
    pub whole: bool,
    /// VLANs that are not the rack's any more, or of which all that was told is forgotten.
    pub removed: Vec<VlanId>,
    /// VLANs as they are now, without hosts and leases, which stay.
    pub vlans: Vec<VlanTold>,
    /// Clients something is kept for now, or nothing any more.
    pub hosts: Vec<(VlanId, Client, Option<Host>)>,
    /// Addresses somebody has or had, or nobody any more.
    pub leases: Vec<(VlanId, Ipv4Addr, Option<Lease>)>,
}

impl ViewChange {
    /// Whether nothing is different for the rack.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        let Self { epoch: _, revision: _, whole, removed, vlans, hosts, leases } = self;
        !whole && removed.is_empty() && vlans.is_empty() && hosts.is_empty() && leases.is_empty()
    }
}
