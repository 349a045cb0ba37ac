//! What is kept for single clients of a VLAN.

use crate::rack_view::setting::Settings;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// What is kept for one client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Its addresses on the VLAN, best first.
    pub addresses: Vec<Ipv4Addr>,
    /// The name it is told it has.
    pub name: Option<String>,
    /// What an admin set for it alone.
    pub settings: Settings,
}
