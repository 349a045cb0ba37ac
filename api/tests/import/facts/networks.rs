//! VLANs, subnets with their ranges and statistics, DHCP snippets.

use crate::facts::check_fields;
use crate::shown::Shown;
use serde_json::{Value as Json, json};

pub(crate) fn check_vlan(shown: &Shown, fact: &Json) {
    let vlan = shown.one("vlans", &fact["id"]);
    let rack = |id: &Json| shown.through("controllers", id, "system_id");
    let told = json!({
        "vid": vlan["vid"],
        "name": vlan["name"],
        "mtu": vlan["mtu"],
        "dhcp_on": vlan["dhcp_on"],
        "fabric_id": vlan["fabric"],
        "primary_rack": rack(&vlan["primary_rack"]),
        "secondary_rack": rack(&vlan["secondary_rack"]),
        "relay_vlan": vlan["relay_vlan"],
        "external_dhcp": vlan["external_dhcp"],
        "space_id": vlan["space"],
    });
    check_fields(&told, fact);
    // What has no name is shown by one made of its number.
    for (noun, field) in [("fabrics", "fabric"), ("spaces", "space")] {
        if fact[field].is_string() {
            assert_eq!(fact[field], shown.through(noun, &vlan[field], "name"), "{fact}");
        }
    }
}

pub(crate) fn check_subnet(shown: &Shown, fact: &Json) {
    let subnet = shown.one("subnets", &fact["id"]);
    let told = json!({
        "name": subnet["name"],
        "cidr": subnet["cidr"],
        "vlan": subnet["vlan"],
        "gateway": subnet["gateway_ip"],
        "rdns_mode": subnet["rdns_mode"],
        "managed": subnet["managed"],
        "allow_dns": subnet["allow_dns"],
        "disabled_boot_architectures": subnet["disabled_boot_architectures"],
    });
    check_fields(&told, fact);
    let servers = if fact["dns_servers"].is_null() { &json!([]) } else { &fact["dns_servers"] };
    assert_eq!(*servers, subnet["dns_servers"], "{fact}");
    let ranges = shown.all("ip-ranges").filter(|range| range["subnet"] == subnet["id"]);
    let told =
        ranges.map(|range| ["type", "start_ip", "end_ip", "comment"].map(|f| text(range, f)));
    let expected = fact["ranges"].as_array().expect("a list of ranges").iter();
    let expected =
        expected.map(|range| ["type", "first", "last", "comment"].map(|f| text(range, f)));
    let (mut told, mut expected): (Vec<_>, Vec<_>) = (told.collect(), expected.collect());
    told.sort();
    expected.sort();
    assert_eq!(told, expected, "{fact}");
    check_statistics(shown.utilization(&subnet["id"]), &fact["statistics"]);
}

fn text(of: &Json, field: &str) -> String {
    of[field].as_str().unwrap_or_default().to_owned()
}

fn check_statistics(told: &Json, fact: &Json) {
    if fact.is_null() {
        return;
    }
    for field in ["total_addresses", "num_unavailable", "num_available", "largest_available"] {
        // Large counts are texts; 2^64 is beyond what JSON's reader keeps exact in the file of facts.
        let told = match &told[field] {
            Json::String(digits) => digits.parse::<u64>().map_or(json!(2_f64.powi(64)), Json::from),
            number => number.clone(),
        };
        assert_eq!(fact[field], told, "{field}: {fact}");
    }
}

pub(crate) fn check_snippet(shown: &Shown, fact: &Json) {
    let snippet = shown.the_one("dhcp-snippets", "name", &fact["name"]);
    let node = shown.nodes().find(|node| node["id"] == snippet["node"]);
    let told = json!({
        "enabled": snippet["enabled"],
        "text": snippet["value"],
        "previous_text": snippet["history"][0],
        "node": node.map(|node| &node["system_id"]),
        "subnet": shown.through("subnets", &snippet["subnet"], "cidr"),
        "iprange_id": snippet["iprange"],
    });
    check_fields(&told, fact);
}
