//! Nodes with their interfaces and links.

use crate::shown::Shown;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

pub(crate) fn check(shown: &Shown, fact: &Json) {
    let node = shown.nodes().find(|node| node["id"] == fact["id"]);
    let node = node.unwrap_or_else(|| panic!("not there: {fact}"));
    let told = json!({
        "system_id": node["system_id"],
        "hostname": node["hostname"],
        // Without a domain the name is the host name alone, which the facts leave out.
        "fqdn": if node["domain"].is_null() { &Json::Null } else { &node["fqdn"] },
        "node_type": node["node_type"],
        "status": node["status"],
        "domain": shown.through("domains", &node["domain"], "name"),
        "address_ttl": node["address_ttl"],
        "zone": shown.through("zones", &node["zone"], "name"),
        "pool": shown.through("pools", &node["pool"], "name"),
        "owner": shown.through("users", &node["owner"], "username"),
        "architecture": node["architecture"],
        "power_state": node["power_state"],
        "locked": node["locked"],
        "power_type": shown.through("bmcs", &node["bmc"], "power_type"),
        "boot_interface": shown.through("interfaces", &node["boot_interface"], "name"),
    });
    for (field, told) in told.as_object().expect("an object") {
        // Facts name what the dump leaves open by an empty text or not at all.
        let expected = fact.get(field).unwrap_or(told);
        let same = expected == told || (expected.is_null() && told == "");
        assert!(same, "{field} of {}: {told}, expected {expected}", node["system_id"]);
    }
    if fact["tags"].is_array() {
        assert_eq!(texts(&node["tag_names"]), texts(&fact["tags"]), "{fact}");
    }
    check_interfaces(shown, &node["id"], fact["interfaces"].as_array().expect("a list"));
}

fn check_interfaces(shown: &Shown, node: &Json, facts: &[Json]) {
    let own = shown.all("interfaces").filter(|interface| interface["node"] == *node);
    let own: BTreeSet<Option<u64>> = own.map(|interface| interface["id"].as_u64()).collect();
    assert_eq!(own, facts.iter().map(|fact| fact["id"].as_u64()).collect(), "of node {node}");
    for fact in facts {
        let interface = shown.one("interfaces", &fact["id"]);
        assert_eq!(fact["name"], interface["name"]);
        assert_eq!(fact["type"], interface["type"]);
        let mac = fact["mac"].as_str().map(str::to_lowercase);
        assert_eq!(json!(mac), interface["mac_address"]);
        assert_eq!(fact["enabled"], interface["enabled"]);
        let of_vlan = |field| shown.through("vlans", &interface["vlan"], field);
        assert_eq!(fact["vid"], of_vlan("vid"), "{fact}");
        if let Some(fabric) = fact.get("fabric_id") {
            assert_eq!(*fabric, of_vlan("fabric"), "{fact}");
        }
        let parents = interface["parents"].as_array().expect("a list").iter();
        let parents: Json = parents.map(|id| shown.one("interfaces", id)["name"].clone()).collect();
        assert_eq!(texts(&parents), texts(&fact["parents"]), "{fact}");
        check_links(shown, interface, fact);
    }
}

fn check_links(shown: &Shown, interface: &Json, fact: &Json) {
    let told = interface["links"].as_array().expect("a list of links").iter().map(|link| {
        let alloc_type = &shown.one("ip-addresses", &link["id"])["alloc_type"];
        let subnet = shown.through("subnets", &link["subnet"], "cidr");
        format!("{alloc_type} {} {subnet}", link["ip_address"])
    });
    let expected = fact["links"].as_array().expect("a list of links").iter();
    let expected =
        expected.map(|link| format!("{} {} {}", link["alloc_type"], link["ip"], link["subnet"]));
    let (mut told, mut expected): (Vec<_>, Vec<_>) = (told.collect(), expected.collect());
    told.sort();
    expected.sort();
    assert_eq!(told, expected, "{fact}");
}

fn texts(list: &Json) -> BTreeSet<String> {
    let items = list.as_array().into_iter().flatten();
    items.filter_map(Json::as_str).map(str::to_owned).collect()
}
