//! Texts with characters that are easily lost.

use crate::facts::Site;
use serde_json::{Value as Json, json};

pub(crate) fn check(site: &Site<'_>, fact: &Json) {
    let (table, column) = (fact["table"].as_str(), fact["column"].as_str());
    let place = (table.expect("a table"), column.expect("a column"));
    let named = |noun, field| site.shown.the_one(noun, field, &fact["key"]);
    let numbered = |noun| site.shown.one(noun, &fact["key"]);
    let told = match place {
        ("maasserver_dhcpsnippet", column) => &named("dhcp-snippets", "name")[column],
        ("maasserver_fabric", column) => &numbered("fabrics")[column],
        ("maasserver_space", column) => &numbered("spaces")[column],
        ("maasserver_vlan", column) => &numbered("vlans")[column],
        ("maasserver_event", column) => &numbered("event-log")[column],
        ("maasserver_resourcepool", column) => &named("pools", "name")[column],
        ("maasserver_zone", column) => &named("zones", "name")[column],
        ("maasserver_subnet", column) => &named("subnets", "cidr")[column],
        ("maasserver_tag", column) => &named("tags", "name")[column],
        ("maasserver_node", column) => {
            let node = site.shown.nodes().find(|node| node["system_id"] == fact["key"]);
            &node.expect("the node")[column]
        }
        ("maasserver_ownerdata", "value") => {
            let mut rows = site.dump.tables.owner_data.iter();
            let row =
                rows.find(|row| row.id.to_string() == text(&fact["key"])).expect("the dump's row");
            let node = site.shown.nodes().find(|node| node["id"] == row.node_id.0);
            &node.expect("its node")["owner_data"][&row.key]
        }
        other => panic!("texts of {other:?} are unknown"),
    };
    // A fabric without a name is called after its number.
    let is_made =
        fact["text"].is_null() && *told == json!(format!("fabric-{}", text(&fact["key"])));
    assert!(is_made || *told == fact["text"], "{told} is not as expected: {fact}");
}

fn text(key: &Json) -> String {
    key.as_str().map_or_else(|| key.to_string(), str::to_owned)
}
