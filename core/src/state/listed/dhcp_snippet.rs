//! What DHCP snippets refer to.

use crate::id::DhcpSnippetId;
use crate::model::dhcp_snippet::DhcpSnippet;
use crate::object::Kind;
use crate::state::index::{Indexed, Listing};

impl Indexed<DhcpSnippetId> for DhcpSnippet {
    fn index(&self, id: &DhcpSnippetId, listing: &mut Listing<'_>) {
        let mut links = listing.references(Kind::DhcpSnippet, *id);
        links.to(Kind::Node, self.node);
        links.to(Kind::Subnet, self.subnet);
        links.to(Kind::IpRange, self.iprange);
    }
}
