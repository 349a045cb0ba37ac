//! Where leases are listed, and whether they keep their address.
//!
//! They refer to subnet and rack weakly: there may be millions, and they outlive both.

use crate::model::lease::Lease;
use crate::state::index::{Indexed, Listing};
use std::net::IpAddr;

impl Indexed<IpAddr> for Lease {
    fn index(&self, address: &IpAddr, listing: &mut Listing<'_>) {
        if self.state.holds_address() {
            listing.uses(*address);
        }
        listing.entry(|indexes| &mut indexes.leases_by_mac, self.mac_address, *address);
    }
}
