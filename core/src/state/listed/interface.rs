//! Where interfaces are listed and what they refer to.

use crate::id::InterfaceId;
use crate::model::interface::Interface;
use crate::object::{Kind, ObjectRef};
use crate::state::index::{Indexed, Listing};

impl Indexed<InterfaceId> for Interface {
    fn index(&self, id: &InterfaceId, listing: &mut Listing<'_>) {
        listing.entry(|indexes| &mut indexes.interfaces_by_node, self.node, *id);
        if let Some(mac) = self.mac_address {
            listing.entry(|indexes| &mut indexes.interfaces_by_mac, mac, *id);
        }
        listing.refers(
            ObjectRef::numbered(Kind::Node, self.node),
            ObjectRef::numbered(Kind::Interface, *id),
        );
    }
}
