//! What DNS records refer to.

use crate::id::DnsDataId;
use crate::model::dns_data::DnsData;
use crate::object::Kind;
use crate::state::index::{Indexed, Listing};

impl Indexed<DnsDataId> for DnsData {
    fn index(&self, id: &DnsDataId, listing: &mut Listing<'_>) {
        listing.references(Kind::DnsData, *id).to(Kind::DnsResource, Some(self.resource));
    }
}
