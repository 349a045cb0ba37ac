//! From addresses to names.

use crate::site::Site;
use serde_json::json;

#[test]
fn node_goes_before_resources_on_the_way_back() {
    let mut site = Site::new();
    site.machine("web", 0, &[1]);
    let address = site.address("10.0.0.5", "Sticky", &[1]);
    site.resource("alias", 0, &[address]);
    let lone = site.address("10.0.0.6", "UserReserved", &[]);
    site.resource("a", 0, &[lone]);
    site.resource("b", 0, &[lone]);
    assert_eq!(site.told("5.0.0.10.in-addr.arpa PTR"), ["30 web.maas."]);
    assert_eq!(site.told("6.0.0.10.in-addr.arpa PTR"), ["30 a.maas.", "30 b.maas."]);
    assert_eq!(site.told("7.0.0.10.in-addr.arpa PTR"), ["no such name"]);
    assert_eq!(site.told("5.0.0.10.in-addr.arpa A"), ["nothing of that type"]);
}

#[test]
fn small_subnets_are_reached_by_aliases() {
    let mut site = Site::new();
    let address = site.address("192.0.2.70", "UserReserved", &[]);
    site.resource("web", 0, &[address]);
    let asked = site.told("70.2.0.192.in-addr.arpa PTR");
    assert_eq!(asked, ["30 70.64-26.2.0.192.in-addr.arpa.", "30 web.maas."]);
    assert_eq!(site.told("70.64-26.2.0.192.in-addr.arpa PTR"), ["30 web.maas."]);
    let unused = site.told("71.2.0.192.in-addr.arpa PTR");
    assert_eq!(unused, ["30 71.64-26.2.0.192.in-addr.arpa.", "no such name"]);
    assert_eq!(site.told("63.2.0.192.in-addr.arpa PTR"), ["no such name"]);
    assert_eq!(site.transfer("2.0.192.in-addr.arpa").len(), 1 + 64);
    assert_eq!(site.transfer("64-26.2.0.192.in-addr.arpa").len(), 1 + 1);
    site.run(json!({ "Subnet": { "Update": { "id": 2, "patch": { "rdns_mode": "Enabled" } } } }));
    assert_eq!(site.told("70.2.0.192.in-addr.arpa PTR"), ["refused"]);
    assert_eq!(site.told("70.64-26.2.0.192.in-addr.arpa PTR"), ["30 web.maas."]);
    site.run(json!({ "Subnet": { "Update": { "id": 2, "patch": { "rdns_mode": "Disabled" } } } }));
    assert_eq!(site.told("70.64-26.2.0.192.in-addr.arpa PTR"), ["refused"]);
}

#[test]
fn ipv6_addresses_lead_back_too_and_what_lies_between_is_empty() {
    let mut site = Site::new();
    let address = site.address("2001:db8::1:0:5", "UserReserved", &[]);
    site.resource("web", 0, &[address]);
    let name = "5.0.0.0.0.0.0.0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
    assert_eq!(site.told(&format!("{name} PTR")), ["30 web.maas."]);
    assert_eq!(site.told(&format!("{} PTR", &name[2..])), ["nothing of that type"]);
    assert_eq!(site.told(&format!("6{} PTR", &name[1..])), ["no such name"]);
    assert_eq!(site.transfer(&name[32..]).len(), 1 + 1);
}

#[test]
fn wide_subnets_are_cut_at_octets() {
    let mut site = Site::new();
    site.subnet("10.8.0.0/15");
    let address = site.address("10.9.1.2", "UserReserved", &[]);
    site.resource("web", 0, &[address]);
    assert!(
        site.serial("8.10.in-addr.arpa").is_some() && site.serial("9.10.in-addr.arpa").is_some()
    );
    assert_eq!(site.told("2.1.9.10.in-addr.arpa PTR"), ["30 web.maas."]);
    assert_eq!(site.told("1.9.10.in-addr.arpa PTR"), ["nothing of that type"]);
    assert_eq!(site.told("2.9.10.in-addr.arpa PTR"), ["no such name"]);
}

#[test]
fn generated_name_beside_others_lives_as_long_as_they_do() {
    let mut site = Site::new();
    let lab = site.domain("lab.net", Some(300));
    site.dynamic_range(1, "10.0.0.100", "10.0.0.110");
    site.machine("web", lab, &[1]);
    site.address("10.0.0.105", "Discovered", &[1]);
    let names = ["300 web.lab.net.", "300 10-0-0-105.maas."];
    let mut told = site.told("105.0.0.10.in-addr.arpa PTR");
    told.sort_by_key(|name| name.len());
    assert_eq!(told, names);
}
