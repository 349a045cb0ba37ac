//! A static route: how hosts of one subnet reach another one.

use crate::id::SubnetId;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A static route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaticRoute {
    /// The subnet whose hosts use it.
    pub source: SubnetId,
    /// The subnet it leads to; of the same family.
    pub destination: SubnetId,
    /// The router; inside the source subnet.
    pub gateway_ip: IpAddr,
    /// Its cost: the lowest wins.
    pub metric: u32,
}
