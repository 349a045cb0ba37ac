//! Where static IP addresses are listed, what they refer to, and when provisional ones are given up.

use crate::id::StaticIpAddressId;
use crate::model::static_ip_address::{AllocType, StaticIpAddress};
use crate::object::Kind;
use crate::state::deadline::Deadline;
use crate::state::index::{Indexed, Listing};

impl Indexed<StaticIpAddressId> for StaticIpAddress {
    fn index(&self, id: &StaticIpAddressId, listing: &mut Listing<'_>) {
        if let Some(ip) = self.ip {
            match self.alloc_type {
                AllocType::Discovered => listing.occupies(ip),
                AllocType::Auto | AllocType::Sticky | AllocType::UserReserved | AllocType::Dhcp => {
                    listing.uses(ip);
                }
            }
            listing.entry(|indexes| &mut indexes.addresses_by_ip, ip, *id);
        }
        if let Some(expires) = self.temp_expires_on {
            let due = Deadline::ProvisionalAddress(*id);
            listing.entry(|indexes| &mut indexes.deadlines, expires, due);
        }
        let mut links = listing.references(Kind::StaticIpAddress, *id);
        links.to(Kind::Subnet, self.subnet);
        links.to(Kind::User, self.user);
        for interface in &self.interfaces {
            links.to(Kind::Interface, Some(*interface));
        }
    }
}
