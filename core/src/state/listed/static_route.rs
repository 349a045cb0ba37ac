//! What static routes refer to, and the address they keep.

use crate::id::StaticRouteId;
use crate::model::static_route::StaticRoute;
use crate::object::Kind;
use crate::state::index::{Indexed, Listing};

impl Indexed<StaticRouteId> for StaticRoute {
    fn index(&self, id: &StaticRouteId, listing: &mut Listing<'_>) {
        listing.uses(self.gateway_ip);
        let mut links = listing.references(Kind::StaticRoute, *id);
        links.to(Kind::Subnet, Some(self.source));
        links.to(Kind::Subnet, Some(self.destination));
    }
}
