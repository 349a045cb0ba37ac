//! Where nodes are listed and what they refer to.

use crate::id::NodeId;
use crate::model::node::Node;
use crate::object::{Kind, ObjectRef};
use crate::state::index::{Indexed, Listing};

impl Indexed<NodeId> for Node {
    fn index(&self, id: &NodeId, listing: &mut Listing<'_>) {
        listing.entry(|indexes| &mut indexes.nodes_by_system_id, self.system_id, *id);
        let name = (self.domain, self.hostname.clone());
        listing.entry(|indexes| &mut indexes.nodes_by_name, name, *id);
        if let Some(domain) = self.domain {
            listing.refers(
                ObjectRef::numbered(Kind::Domain, domain),
                ObjectRef::numbered(Kind::Node, *id),
            );
        }
    }
}
