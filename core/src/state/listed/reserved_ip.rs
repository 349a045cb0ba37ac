//! Where reserved IPs are listed and what they refer to.

use crate::id::ReservedIpId;
use crate::model::reserved_ip::ReservedIp;
use crate::object::Kind;
use crate::state::index::{Indexed, Listing};

impl Indexed<ReservedIpId> for ReservedIp {
    fn index(&self, id: &ReservedIpId, listing: &mut Listing<'_>) {
        listing.uses(self.ip);
        listing.entry(|indexes| &mut indexes.reserved_ips_by_ip, self.ip, *id);
        let mac = (self.mac_address, self.subnet);
        listing.entry(|indexes| &mut indexes.reserved_ips_by_mac, mac, *id);
        listing.references(Kind::ReservedIp, *id).to(Kind::Subnet, Some(self.subnet));
    }
}
