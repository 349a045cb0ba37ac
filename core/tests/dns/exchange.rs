//! Objects that exchange in one entry what others know them by: what one takes, another had, and the view is the one
//! made anew.

use crate::site::Site;
use serde_json::{Value, json};

fn range(id: u32, start: &str, end: &str) -> Value {
    json!({ "IpRange": { "Update": { "id": id, "patch": { "start_ip": start, "end_ip": end } } } })
}

fn subnet(id: u32, cidr: &str) -> Value {
    json!({ "Subnet": { "Update": { "id": id, "patch": { "cidr": cidr } } } })
}

fn generated(site: &Site, last: u8) -> bool {
    site.told(&format!("10-0-0-{last}.maas A")) == [format!("30 10.0.0.{last}")]
}

#[test]
fn two_ranges_exchange_their_first_addresses() {
    let mut site = Site::new();
    site.dynamic_range(1, "10.0.0.10", "10.0.0.20");
    site.dynamic_range(1, "10.0.0.30", "10.0.0.35");
    site.run(json!({ "Batch": [
        range(1, "10.0.0.50", "10.0.0.60"),
        range(2, "10.0.0.10", "10.0.0.15"),
        range(1, "10.0.0.30", "10.0.0.35"),
    ] }));
    assert!(generated(&site, 12) && generated(&site, 32), "where both are now");
    assert!(!generated(&site, 18) && !generated(&site, 55), "where none is any more");
}

#[test]
fn three_ranges_change_places_in_a_circle() {
    let mut site = Site::new();
    for start in [10, 20, 30] {
        site.dynamic_range(1, &format!("10.0.0.{start}"), &format!("10.0.0.{}", start + 5));
    }
    site.run(json!({ "Batch": [
        range(3, "10.0.0.50", "10.0.0.55"),
        range(2, "10.0.0.30", "10.0.0.36"),
        range(1, "10.0.0.20", "10.0.0.27"),
        range(3, "10.0.0.10", "10.0.0.18"),
    ] }));
    for last in [18, 27, 36] {
        assert!(generated(&site, last) && !generated(&site, last + 1), "{last}");
    }
}

#[test]
fn range_takes_the_place_of_one_that_goes() {
    let mut site = Site::new();
    site.dynamic_range(1, "10.0.0.10", "10.0.0.20");
    site.dynamic_range(1, "10.0.0.30", "10.0.0.35");
    let deleted = json!({ "IpRange": { "Delete": { "id": 2 } } });
    site.run(json!({ "Batch": [deleted, range(1, "10.0.0.30", "10.0.0.33")] }));
    assert!(generated(&site, 33) && !generated(&site, 34) && !generated(&site, 10));
}

#[test]
fn two_subnets_exchange_their_prefixes() {
    let mut site = Site::new();
    site.run(json!({ "Batch": [
        subnet(1, "10.9.0.0/24"), subnet(2, "10.0.0.0/24"), subnet(1, "192.0.2.64/26"),
    ] }));
    for zone in ["0.0.10.in-addr.arpa", "64-26.2.0.192.in-addr.arpa", "2.0.192.in-addr.arpa"] {
        assert!(site.serial(zone).is_some(), "{zone}");
    }
    assert!(site.serial("0.9.10.in-addr.arpa").is_none());
}

#[test]
fn three_subnets_change_places_in_a_circle() {
    let mut site = Site::new();
    site.subnet("192.0.2.128/27");
    site.run(json!({ "Batch": [
        subnet(4, "10.9.0.0/24"), subnet(2, "192.0.2.128/27"), subnet(1, "192.0.2.64/26"),
        subnet(4, "10.0.0.0/24"),
    ] }));
    for zone in ["0.0.10", "64-26.2.0.192", "128-27.2.0.192", "2.0.192"] {
        assert!(site.serial(&format!("{zone}.in-addr.arpa")).is_some(), "{zone}");
    }
}

#[test]
fn two_domains_and_two_resources_exchange_their_names() {
    let mut site = Site::new();
    let (one, two) = (site.domain("one", None), site.domain("two", None));
    let (five, six) = (
        site.address("10.0.0.5", "UserReserved", &[]),
        site.address("10.0.0.6", "UserReserved", &[]),
    );
    let (a, b) = (site.resource("a", one, &[five]), site.resource("b", two, &[six]));
    let name = |noun: &str, id: u32, name: &str| json!({ noun: { "Update": { "id": id, "patch": { "name": name } } } });
    site.run(json!({ "Batch": [
        name("Domain", one, "spare"), name("Domain", two, "one"), name("Domain", one, "two"),
        name("DnsResource", a, "b"), name("DnsResource", b, "a"),
    ] }));
    assert_eq!(site.told("b.two A"), ["30 10.0.0.5"]);
    assert_eq!(site.told("a.one A"), ["30 10.0.0.6"]);
    assert_eq!(site.told("a.two A"), ["no such name"]);
    assert_eq!(site.told("5.0.0.10.in-addr.arpa PTR"), ["30 b.two."]);
}
