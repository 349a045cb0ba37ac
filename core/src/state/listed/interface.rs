//! Where interfaces are listed and what they refer to.

use crate::id::InterfaceId;
use crate::model::interface::Interface;
use crate::object::Kind;
use crate::state::index::{Indexed, Listing};

impl Indexed<InterfaceId> for Interface {
    fn index(&self, id: &InterfaceId, listing: &mut Listing<'_>) {
        if let Some(node) = self.node {
            let name = (node, self.name.as_str().into());
            listing.entry(|indexes| &mut indexes.interfaces_by_name, name, *id);
        }
        if let Some(mac) = self.mac_address {
            listing.entry(|indexes| &mut indexes.interfaces_by_mac, mac, *id);
        }
        let mut links = listing.references(Kind::Interface, *id);
        links.to(Kind::Node, self.node);
        links.to(Kind::Vlan, self.vlan);
        for parent in &self.parents {
            links.to(Kind::Interface, Some(*parent));
        }
    }
}
