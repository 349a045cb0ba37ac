//! Commands about DHCP snippets.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::{DhcpSnippetId, IpRangeId, NodeId, SubnetId};
use crate::model::dhcp_snippet::DhcpSnippet;

/// A change of the DHCP snippets.
pub type DhcpSnippetCommand = Edit<DhcpSnippet, DhcpSnippetPatch, DhcpSnippetId>;

patch! {
    /// Changed fields of a DHCP snippet.
    DhcpSnippetPatch of DhcpSnippet {
        /// Its name.
        name: String,
        /// Free text for people.
        description: String,
        /// Whether it is in force.
        enabled: bool,
        /// The node it is for.
        node: Option<NodeId>,
        /// The subnet it is for.
        subnet: Option<SubnetId>,
        /// The range it is for.
        iprange: Option<IpRangeId>,
        /// The text; the one before is kept.
        value: String,
    }
}
