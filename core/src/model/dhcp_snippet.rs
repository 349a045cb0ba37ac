//! A DHCP snippet: text for a DHCP server's configuration. What it means to racks is found out in `rack_view`.

use crate::id::{IpRangeId, NodeId, SubnetId};
use serde::{Deserialize, Serialize};

/// Earlier texts of a snippet that are kept.
pub const SNIPPET_VERSIONS_MAX: usize = 16;

/// A DHCP snippet: for a node, for a subnet or one of its ranges, or for all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DhcpSnippet {
    /// Its name.
    pub name: String,
    /// Free text for people.
    pub description: String,
    /// Whether it is in force.
    pub enabled: bool,
    /// The node it is for.
    pub node: Option<NodeId>,
    /// The subnet it is for.
    pub subnet: Option<SubnetId>,
    /// The range of that subnet it is for.
    pub iprange: Option<IpRangeId>,
    /// The text.
    pub value: String,
    /// Earlier texts, the latest first.
    pub history: Vec<String>,
}
