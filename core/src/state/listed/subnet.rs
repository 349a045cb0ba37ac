//! Where subnets are listed, what they refer to, and which addresses they keep for themselves.

use crate::id::SubnetId;
use crate::model::subnet::Subnet;
use crate::object::Kind;
use crate::state::index::{Indexed, Listing};

impl Indexed<SubnetId> for Subnet {
    fn index(&self, id: &SubnetId, listing: &mut Listing<'_>) {
        listing.entry(|indexes| &mut indexes.subnets_by_cidr, self.cidr, *id);
        listing.references(Kind::Subnet, *id).to(Kind::Vlan, Some(self.vlan));
        let own = self.gateway_ip.iter().chain(&self.dns_servers);
        for address in own.filter(|address| self.cidr.contains(**address)) {
            listing.uses(*address);
        }
    }
}
