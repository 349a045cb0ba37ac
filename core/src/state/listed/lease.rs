//! Where leases are listed, and whether they keep their address.
//!
//! They refer to subnet and rack weakly: there may be millions, and they outlive both.

use crate::model::lease::Lease;
use crate::state::deadline::Deadline;
use crate::state::index::{Indexed, Listing};
use std::net::IpAddr;

impl Indexed<IpAddr> for Lease {
    fn index(&self, address: &IpAddr, listing: &mut Listing<'_>) {
        if self.holds_address() {
            listing.uses(*address);
        }
        if let Some(mac_address) = self.mac_address() {
            listing.entry(|indexes| &mut indexes.leases_by_mac, mac_address, *address);
        }
        if let Some(name) = self.client_name() {
            listing.entry(|indexes| &mut indexes.leases_by_name, name, (self.start, *address));
        }
        listing.entry(|indexes| &mut indexes.deadlines, self.next_due(), Deadline::Lease(*address));
    }
}
