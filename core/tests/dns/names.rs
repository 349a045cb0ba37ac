//! Which names nodes, resources and addresses get.

use crate::site::Site;
use serde_json::json;

#[test]
fn host_name_has_one_boot_address_a_family_and_interfaces_have_the_rest() {
    let mut site = Site::new();
    site.machine("web", 0, &[1, 2]);
    site.address("10.0.0.9", "Auto", &[1]);
    site.address("10.0.0.8", "Sticky", &[1]);
    site.address("2001:db8::1:0:0", "Sticky", &[1]);
    site.address("10.0.0.7", "Sticky", &[2]);
    assert_eq!(site.told("web.maas A"), ["30 10.0.0.8"]);
    assert_eq!(site.told("web.maas AAAA"), ["30 2001:db8::1:0:0"]);
    assert_eq!(site.told("eth0.web.maas A"), ["30 10.0.0.9"]);
    assert_eq!(site.told("eth1.web.maas A"), ["30 10.0.0.7"]);
    assert_eq!(site.told("eth1.web.maas AAAA"), ["nothing of that type"]);
}

#[test]
fn without_a_boot_address_host_name_has_another() {
    let mut site = Site::new();
    site.machine("web", 0, &[1, 2]);
    site.address("10.0.0.7", "Sticky", &[2]);
    assert_eq!(site.told("web.maas A"), ["30 10.0.0.7"]);
    assert_eq!(site.told("eth1.web.maas A"), ["no such name"]);
    let given = site.address("10.0.0.200", "UserReserved", &[]);
    site.resource("web", 0, &[given]);
    assert_eq!(site.told("web.maas A"), ["30 10.0.0.200"]);
    assert_eq!(site.told("eth1.web.maas A"), ["30 10.0.0.7"]);
}

#[test]
fn discovered_addresses_have_names_only_on_nodes_without_any_other() {
    let mut site = Site::new();
    site.machine("web", 0, &[1, 2]);
    site.address("10.0.0.5", "Discovered", &[1]);
    let second = site.address("10.0.0.6", "Discovered", &[2]);
    assert_eq!(site.told("eth1.web.maas A"), ["30 10.0.0.6"]);
    site.address("10.0.0.7", "Sticky", &[1]);
    assert_eq!(site.told("web.maas A"), ["30 10.0.0.7"]);
    assert_eq!(site.told("eth1.web.maas A"), ["no such name"]);
    site.run(json!({ "StaticIpAddress": { "Delete": { "id": second } } }));
}

#[test]
fn names_move_with_host_name_domain_and_interface() {
    let mut site = Site::new();
    let lab = site.domain("lab.example.net", Some(300));
    site.machine("web", 0, &[1, 2]);
    site.address("10.0.0.8", "Sticky", &[1]);
    site.address("10.0.0.9", "Sticky", &[2]);
    site.run(json!({ "Node": { "Update": { "id": 1, "patch": { "domain": lab } } } }));
    assert_eq!(site.told("web.maas A"), ["no such name"]);
    assert_eq!(site.told("web.lab.example.net A"), ["300 10.0.0.8"]);
    site.run(json!({ "Interface": { "Update": { "id": 2, "patch": { "name": "br_lan.7" } } } }));
    assert_eq!(site.told("br-lan.7.web.lab.example.net A"), ["300 10.0.0.9"]);
    assert_eq!(site.told("7.web.lab.example.net A"), ["nothing of that type"]);
    site.run(
        json!({ "Domain": { "Update": { "id": lab, "patch": { "name": "x.net", "ttl": 5 } } } }),
    );
    assert_eq!(site.told("web.x.net A"), ["5 10.0.0.8"]);
    assert_eq!(site.told("web.lab.example.net A"), ["refused"]);
    site.run(json!({ "Node": { "Delete": { "id": 1 } } }));
    assert_eq!(site.told("web.x.net A"), ["no such name"]);
}

#[test]
fn address_nobody_named_is_called_after_itself_until_somebody_does() {
    let mut site = Site::new();
    let address = site.address("10.0.0.44", "UserReserved", &[]);
    assert_eq!(site.told("10-0-0-44.maas A"), ["30 10.0.0.44"]);
    let resource = site.resource("db", 0, &[address]);
    assert_eq!(site.told("10-0-0-44.maas A"), ["no such name"]);
    assert_eq!(site.told("db.maas A"), ["30 10.0.0.44"]);
    site.run(json!({ "DnsResource": { "Delete": { "id": resource } } }));
    assert_eq!(site.told("10-0-0-44.maas A"), ["30 10.0.0.44"]);
}

#[test]
fn addresses_of_dynamic_ranges_have_generated_names() {
    let mut site = Site::new();
    let range = site.dynamic_range(1, "10.0.0.100", "10.0.0.110");
    assert_eq!(site.told("10-0-0-100.maas A"), ["30 10.0.0.100"]);
    for missing in ["10-0-0-99.maas A", "10-0-0-111.maas A", "010-0-0-100.maas A"] {
        assert_eq!(site.told(missing), ["no such name"]);
    }
    assert_eq!(site.told("100.0.0.10.in-addr.arpa PTR"), ["30 10-0-0-100.maas."]);
    assert_eq!(site.transfer("maas").len(), 1 + 11);
    site.run(json!({ "IpRange": { "Delete": { "id": range } } }));
    assert_eq!(site.told("10-0-0-100.maas A"), ["no such name"]);
}

#[test]
fn alias_stands_back_while_a_node_has_its_name() {
    let mut site = Site::new();
    let alias = site.resource("web", 0, &[]);
    site.data(alias, "CNAME", "other.example.");
    assert_eq!(site.told("web.maas A"), ["30 other.example."]);
    site.machine("web", 0, &[1]);
    assert_eq!(site.told("web.maas CNAME"), ["no such name"]);
    site.address("10.0.0.8", "Sticky", &[1]);
    assert_eq!(site.told("web.maas A"), ["30 10.0.0.8"]);
    site.run(json!({ "Node": { "Delete": { "id": 1 } } }));
    assert_eq!(site.told("web.maas A"), ["30 other.example."]);
}

#[test]
fn default_time_to_live_is_a_setting() {
    let mut site = Site::new();
    site.machine("web", 0, &[1]);
    site.address("10.0.0.8", "Sticky", &[1]);
    let (name, value) = ("default_dns_ttl", json!({ "Integer": 77 }));
    site.run(json!({ "Setting": { "Set": { "name": name, "value": value } } }));
    assert_eq!(site.told("web.maas A"), ["77 10.0.0.8"]);
    assert_eq!(site.told("8.0.0.10.in-addr.arpa PTR"), ["77 web.maas."]);
}
