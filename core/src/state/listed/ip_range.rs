//! Where IP ranges are listed and what they refer to.

use crate::id::IpRangeId;
use crate::model::ip_range::{IpRange, IpRangeType};
use crate::object::Kind;
use crate::state::dynamic_pools::Pool;
use crate::state::index::{Indexed, Listing};

impl Indexed<IpRangeId> for IpRange {
    fn index(&self, id: &IpRangeId, listing: &mut Listing<'_>) {
        let start = (self.subnet, self.range_type, self.start_ip);
        listing.entry(|indexes| &mut indexes.ranges_by_start, start, *id);
        if self.range_type == IpRangeType::Dynamic {
            listing.entry(|indexes| &mut indexes.dynamic_ranges_by_start, self.start_ip, *id);
            let (subnet, first, last) = (self.subnet, self.start_ip, self.end_ip);
            listing.pool(Pool { subnet, first, last, addresses: self.address_count() });
        }
        let mut links = listing.references(Kind::IpRange, *id);
        links.to(Kind::Subnet, Some(self.subnet));
        links.to(Kind::User, self.user);
    }
}
