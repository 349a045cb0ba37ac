//! Where DNS resources are listed and what they refer to.

use crate::id::DnsResourceId;
use crate::model::dns_resource::DnsResource;
use crate::object::Kind;
use crate::state::index::{Indexed, Listing};

impl Indexed<DnsResourceId> for DnsResource {
    fn index(&self, id: &DnsResourceId, listing: &mut Listing<'_>) {
        let name = (self.domain, self.name.clone());
        listing.entry(|indexes| &mut indexes.dns_resources_by_name, name, *id);
        let mut links = listing.references(Kind::DnsResource, *id);
        links.to(Kind::Domain, Some(self.domain));
        for address in &self.addresses {
            links.to(Kind::StaticIpAddress, Some(*address));
        }
    }
}
