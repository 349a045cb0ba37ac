//! Commands about static routes.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::{StaticRouteId, SubnetId};
use crate::model::static_route::StaticRoute;
use std::net::IpAddr;

/// A change of the static routes.
pub type StaticRouteCommand = Edit<StaticRoute, StaticRoutePatch, StaticRouteId>;

patch! {
    /// Changed fields of a static route.
    StaticRoutePatch of StaticRoute {
        /// The subnet whose hosts use it.
        source: SubnetId,
        /// The subnet it leads to.
        destination: SubnetId,
        /// The router.
        gateway_ip: IpAddr,
        /// Its cost.
        metric: u32,
    }
}
