//! The region's nodes, as racks are told of them.

use crate::rack_board::Everyone;
use regent_proto::rack;
use regent_raft::region::handle::Region;

/// All members, and how many racks each has that is not silent.
#[must_use]
pub fn nodes(region: &Region, everyone: &Everyone) -> rack::Nodes {
    let (published, leadership) = (region.published(), region.leadership());
    let members = published.membership.membership().nodes();
    let nodes = members.map(|(id, member)| rack::Node {
        id: *id,
        api: member.api.clone(),
        leads: leadership.leader == Some(*id),
        racks: everyone.connected.get(id).copied(),
    });
    rack::Nodes { nodes: nodes.collect() }
}
