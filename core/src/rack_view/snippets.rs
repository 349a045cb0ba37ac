//! Which snippets set options for whom: those of a node for its cards, those of a subnet for its clients, others for all.

use crate::id::{NodeId, SubnetId};
use crate::model::dhcp_snippet::DhcpSnippet;
use crate::model::node::Node;
use crate::model::subnet::Subnet;
use crate::object::ObjectRef;
use crate::rack_view::setting::Settings;
use crate::rack_view::snippet::understand;
use crate::state::State;
use crate::state::tables::Stored as _;

/// Snippets of one node or subnet, or of the site, that count: those with the lowest ids.
pub const SNIPPETS_MAX: usize = 256;
/// Snippets looked at for those of the site.
const SNIPPETS_LOOKED_AT_MAX: usize = 4096;

/// What is set for all clients.
pub(in crate::rack_view) fn of_site(state: &State) -> Settings {
    let all = state.tables().dhcp_snippets.iter().take(SNIPPETS_LOOKED_AT_MAX);
    let all = all.map(|(_, row)| &row.value);
    together(all.filter(|snippet| snippet.node.is_none() && snippet.subnet.is_none()))
}

/// What is set for the clients of a subnet.
pub(in crate::rack_view) fn of_subnet(state: &State, subnet: SubnetId) -> Settings {
    let own = of(state, &Subnet::object(&subnet));
    together(own.filter(|snippet| snippet.iprange.is_none()))
}

/// What is set for the cards of a node.
pub(in crate::rack_view) fn of_node(state: &State, node: NodeId) -> Settings {
    together(of(state, &Node::object(&node)))
}

/// What of a snippet no rack of ours heeds: each statement that is not understood, and why.
#[must_use]
pub fn not_understood(snippet: &DhcpSnippet) -> Vec<String> {
    if snippet.iprange.is_some() {
        return vec!["it is for a range: options are set for subnets, nodes or all".to_owned()];
    }
    let not_understood = understand(&snippet.value).not_understood;
    not_understood.iter().map(ToString::to_string).collect()
}

fn of<'a>(state: &'a State, target: &ObjectRef) -> impl Iterator<Item = &'a DhcpSnippet> + use<'a> {
    let snippets = state.referrers::<DhcpSnippet>(target);
    snippets.filter_map(|id| state.get::<DhcpSnippet>(&id).map(|row| &row.value))
}

/// What the enabled ones set; of two that set one option the later one counts.
fn together<'a>(snippets: impl Iterator<Item = &'a DhcpSnippet>) -> Settings {
    let mut settings = Settings::default();
    for snippet in snippets.filter(|snippet| snippet.enabled).take(SNIPPETS_MAX) {
        settings.extend(understand(&snippet.value).settings);
    }
    settings
}
