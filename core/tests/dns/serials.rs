//! When serials rise.

use crate::region::staged::{import_with, staged};
use crate::site::Site;
use regent_core::id::{SubnetId, VlanId};
use regent_core::model::serial::Serial;
use regent_core::model::subnet::Subnet;
use serde_json::json;

#[test]
fn serial_rises_once_for_each_entry_that_changes_the_zone_and_for_no_other() {
    let mut site = Site::new();
    let before = site.serial("maas").unwrap();
    let address = site.address("10.0.0.5", "UserReserved", &[]);
    assert_eq!(site.serial("maas"), Some(before.next()));
    assert_eq!(site.serial("0.0.10.in-addr.arpa"), Some(Serial(2)));
    assert_eq!(site.serial("2.0.192.in-addr.arpa"), Some(Serial(1)), "its content is as it was");
    // The address loses one name and gets another: one change.
    let web = site.resource("web", 0, &[address]);
    assert_eq!(site.serial("maas"), Some(Serial(before.0 + 2)));
    let comment = json!({ "id": address, "patch": { "comment": "rack 7" } });
    site.run(json!({ "StaticIpAddress": { "Update": comment } }));
    let same = json!({ "id": web, "patch": { "address_ttl": 30 } });
    site.run(json!({ "DnsResource": { "Update": same } }));
    assert_eq!(site.serial("maas"), Some(Serial(before.0 + 2)), "30 was the default");
    let other = json!({ "id": web, "patch": { "address_ttl": 31 } });
    site.run(json!({ "DnsResource": { "Update": other } }));
    assert_eq!(site.serial("maas"), Some(Serial(before.0 + 3)));
}

#[test]
fn zone_that_comes_back_goes_on_above_the_serial_it_had() {
    let mut site = Site::new();
    let domain = site.domain("lab.net", None);
    let resource = site.resource("a", domain, &[]);
    for text in ["one", "two", "three"] {
        site.data(resource, "TXT", text);
    }
    let last = site.serial("lab.net").unwrap();
    site.run(json!({ "DnsResource": { "Delete": { "id": resource } } }));
    site.run(json!({ "Domain": { "Delete": { "id": domain } } }));
    assert_eq!(site.serial("lab.net"), None);
    site.domain("lab.net", None);
    assert!(site.serial("lab.net").unwrap().is_newer_than(last.next()));
}

#[test]
fn zone_above_changes_with_the_name_servers_it_tells_of() {
    let mut site = Site::new();
    let lab = site.domain("lab.maas", None);
    let parent = site.serial("maas").unwrap();
    let apex = site.resource("@", lab, &[]);
    site.data(apex, "NS", "ns.lab.maas.");
    assert_eq!(site.serial("maas"), Some(parent.next()));
    site.data(apex, "MX", "1 mail.lab.maas.");
    assert_eq!(site.serial("maas"), Some(parent.next()), "mail is the child's own affair");
    let address = site.address("192.0.2.70", "UserReserved", &[]);
    let parent = site.serial("maas").unwrap();
    site.resource("ns", lab, &[address]);
    assert!(site.serial("maas").unwrap().is_newer_than(parent), "it has the address too");
    assert!(site.transfer("maas").iter().any(|record| record.starts_with("ns.lab.maas ")));
}

#[test]
fn range_reaches_the_zones_of_subnets_within_its_own() {
    let mut site = Site::new();
    let inner = Subnet::new(VlanId(5001), "10.0.0.64/26".parse().unwrap());
    let steps = import_with(&site.0.state, &[staged(SubnetId(4), inner)]);
    steps.into_iter().for_each(|step| drop(site.0.run(step).unwrap()));
    let zones = ["0.0.10.in-addr.arpa", "64-26.0.0.10.in-addr.arpa"];
    let before = zones.map(|zone| site.serial(zone).unwrap());
    site.dynamic_range(1, "10.0.0.60", "10.0.0.70");
    assert_eq!(zones.map(|zone| site.serial(zone).unwrap()), before.map(Serial::next));
    assert_eq!(site.told("70.64-26.0.0.10.in-addr.arpa PTR"), ["30 10-0-0-70.maas."]);
}

#[test]
fn serials_survive_a_snapshot() {
    let mut site = Site::new();
    site.address("10.0.0.5", "UserReserved", &[]);
    let loaded = site.0.through_snapshot();
    assert_eq!(loaded.dns(), site.0.state.dns());
}

#[test]
fn alias_at_a_generated_name_is_not_seen_and_raises_nothing() {
    let mut site = Site::new();
    site.dynamic_range(1, "10.0.0.2", "10.0.0.9");
    let resource = site.resource("10-0-0-3", 0, &[]);
    let (serial, content) = (site.serial("maas"), site.transfer("maas"));
    site.data(resource, "CNAME", "elsewhere.example.");
    assert_eq!(site.told("10-0-0-3.maas A"), ["30 10.0.0.3"]);
    assert_eq!(site.told("10-0-0-3.maas CNAME"), ["nothing of that type"]);
    assert_eq!((site.serial("maas"), site.transfer("maas")), (serial, content));
}

#[test]
fn zone_of_a_small_subnet_changes_when_one_within_it_gives_its_addresses_back() {
    let mut site = Site::new();
    let inner = Subnet::new(VlanId(5001), "192.0.2.72/29".parse().unwrap());
    let steps = import_with(&site.0.state, &[staged(SubnetId(4), inner)]);
    steps.into_iter().for_each(|step| drop(site.0.run(step).unwrap()));
    site.address("192.0.2.73", "UserReserved", &[]);
    let zone = "64-26.2.0.192.in-addr.arpa";
    let set =
        |mode: &str| json!({ "Subnet": { "Update": { "id": 4, "patch": { "rdns_mode": mode } } } });
    for mode in ["Disabled", "Rfc2317"] {
        let before = (site.serial(zone).unwrap(), site.transfer(zone));
        site.run(set(mode));
        assert_ne!(site.transfer(zone), before.1, "{mode}");
        assert_eq!(site.serial(zone).unwrap(), before.0.next(), "{mode}");
    }
}
