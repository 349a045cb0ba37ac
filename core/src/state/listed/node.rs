//! Where nodes are listed and what they refer to.

use crate::id::NodeId;
use crate::model::node::Node;
use crate::object::Kind;
use crate::state::index::{Indexed, Listing};

impl Indexed<NodeId> for Node {
    fn index(&self, id: &NodeId, listing: &mut Listing<'_>) {
        listing.entry(|indexes| &mut indexes.nodes_by_system_id, self.system_id, *id);
        let name = (self.hostname.clone(), self.domain);
        listing.entry(|indexes| &mut indexes.nodes_by_name, name, *id);
        let mut links = listing.references(Kind::Node, *id);
        links.to(Kind::Domain, self.domain);
        links.to(Kind::AvailabilityZone, Some(self.zone));
        links.to(Kind::ResourcePool, self.pool);
        links.to(Kind::User, self.owner);
        links.to(Kind::Node, self.parent);
        links.to(Kind::Bmc, self.bmc);
        links.to(Kind::Interface, self.boot_interface);
        links.to(Kind::StaticIpAddress, self.gateway_link_ipv4);
        links.to(Kind::StaticIpAddress, self.gateway_link_ipv6);
        for tag in &self.tags {
            links.to(Kind::Tag, Some(*tag));
        }
    }
}
