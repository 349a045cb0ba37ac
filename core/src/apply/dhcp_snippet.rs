//! DHCP snippets: for one thing at a time; the text before the present one is kept.

use crate::apply::draft::Draft;
use crate::apply::noun::Noun;
use crate::apply::text::{NAME_CHARS_MAX, check_length, check_text};
use crate::id::DhcpSnippetId;
use crate::model::dhcp_snippet::{DhcpSnippet, SNIPPET_VERSIONS_MAX};
use crate::model::ip_range::IpRange;
use crate::model::node::Node;
use crate::model::subnet::Subnet;
use crate::rejection::Rejection;

impl Noun for DhcpSnippet {
    fn checked(
        draft: &Draft,
        id: Option<DhcpSnippetId>,
        mut snippet: Self,
    ) -> Result<Self, Rejection> {
        snippet.node = draft.existing_if_any::<Node>("node", snippet.node)?;
        snippet.subnet = draft.existing_if_any::<Subnet>("subnet", snippet.subnet)?;
        snippet.iprange = draft.existing_if_any::<IpRange>("iprange", snippet.iprange)?;
        if snippet.name.is_empty() {
            return Err(Rejection::invalid("name", "must not be empty"));
        }
        check_length("name", &snippet.name, NAME_CHARS_MAX)?;
        check_text("description", &snippet.description)?;
        check_text("value", &snippet.value)?;
        check_target(draft, &snippet)?;
        let before = id.and_then(|id| draft.state().get::<Self>(&id)).map(|row| &row.value);
        snippet.history = before.map(|before| before.history.clone()).unwrap_or_default();
        if let Some(before) = before.filter(|before| before.value != snippet.value) {
            snippet.history.insert(0, before.value.clone());
            snippet.history.truncate(SNIPPET_VERSIONS_MAX);
        }
        Ok(snippet)
    }
}

fn check_target(draft: &Draft, snippet: &DhcpSnippet) -> Result<(), Rejection> {
    if snippet.node.is_some() && snippet.subnet.is_some() {
        return Err(Rejection::invalid("subnet", "a snippet is for a node or a subnet, not both"));
    }
    let Some(range) = snippet.iprange else { return Ok(()) };
    if Some(draft.row::<IpRange>(&range)?.value.subnet) == snippet.subnet {
        return Ok(());
    }
    Err(Rejection::invalid("iprange", "is no range of the snippet's subnet"))
}
