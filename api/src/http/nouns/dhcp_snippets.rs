//! `/v1/dhcp-snippets`.

use crate::http::nouns::edits::edits;
use crate::http::resource::{Field, Resource, field};
use crate::http::wire::Wire as _;
use regent_core::command::Command;
use regent_core::command::dhcp_snippet::DhcpSnippetPatch;
use regent_core::id::{IpRangeId, NodeId, SubnetId};
use regent_core::model::dhcp_snippet::DhcpSnippet;
use regent_core::rack_view::snippets::not_understood;

/// Dhcp snippets over HTTP.
pub struct DhcpSnippets;

impl Resource for DhcpSnippets {
    type Stored = DhcpSnippet;
    type Draft = DhcpSnippetPatch;
    const PATH: &'static str = "dhcp-snippets";
    const SINGULAR: &'static str = "dhcp-snippet";
    const ABOUT: &'static str = "A DHCP snippet: options in the language of ISC's server. What of it is not understood is told.";
    const FIELDS: &'static [Field<Self>] = &[
        field!(required name: String, "Its name."),
        field!(required value: String, "The text."),
        field!(description: String, "Free text for people."),
        field!(enabled: bool, "Whether it is in force."),
        field!(node: Option<NodeId>, "The node it is for."),
        field!(subnet: Option<SubnetId>, "The subnet it is for."),
        field!(iprange: Option<IpRangeId>, "The range it is for."),
        Field::<Self>::shown::<Vec<String>>(
            "history",
            "Earlier texts, the latest first.",
            |_, _, row| row.value.history.show(),
        ),
        Field::<Self>::shown::<Vec<String>>(
            "not_understood",
            "What of it racks do not heed: each statement, and why.",
            |_, _, row| not_understood(&row.value).show(),
        ),
    ];

    edits!(Command::DhcpSnippet, |_| {
        Ok(DhcpSnippet {
            name: String::new(),
            description: String::new(),
            enabled: true,
            node: None,
            subnet: None,
            iprange: None,
            value: String::new(),
            history: Vec::new(),
        })
    });
}
