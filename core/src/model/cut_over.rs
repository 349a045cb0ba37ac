//! Addresses that another DHCP server gave before ours did. What it wrote down is old the moment it is copied: whoever
//! got an address since is unknown here, so for a while nobody else gets one of them (rule R20).

use crate::net::address_range::AddressRange;
use crate::time::{ClusterTime, Millis, WallTime};
use serde::{Deserialize, Serialize};

/// What is known of the server that served a subnet before. The subnet is its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutOver {
    /// The last moment that server wrote down, by its own clock: tells an older copy from a newer one.
    pub as_of: WallTime,
    /// The longest lease it gives, or any other whose leases came in while addresses were closed.
    pub longest: Millis,
    /// The addresses it may have given, in order.
    pub closed: Vec<AddressRange>,
    /// When its leases came in, the last time.
    pub imported: ClusterTime,
    /// Since when racks of ours serve the subnet; none while they do not, and that server may go on.
    pub served_since: Option<ClusterTime>,
    /// When it is looked whether they open; none while racks of ours do not serve the subnet.
    pub looked_at: Option<ClusterTime>,
}

impl CutOver {
    /// When the addresses open to everybody, if that server was seen last at `seen`, or never; none while racks of ours
    /// do not serve the subnet. `guard` is how long an address rests between two owners.
    #[must_use]
    pub fn opens(&self, seen: Option<ClusterTime>, guard: Millis) -> Option<ClusterTime> {
        let last = self.served_since?.max(self.imported).max(seen.unwrap_or_default());
        Some(last.after(self.longest).after(guard))
    }
}
