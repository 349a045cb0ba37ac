//! A domain that gets another name: all names in it change, and keep to the rules.

use crate::site::Site;
use regent_core::command::Command;
use regent_core::dns::answer::Wanted;
use regent_core::dns::fact::{Fact, Origin};
use regent_core::dns::view::DnsView;
use regent_core::dns::zone::{Zone, ZoneKind};
use regent_core::id::DnsDataId;
use regent_core::model::dns_name::DomainName;
use regent_core::model::record_data::RecordData;
use regent_core::model::record_type::RecordType;
use serde_json::{Value, json};

fn named(id: u32, name: &str) -> Value {
    json!({ "Domain": { "Update": { "id": id, "patch": { "name": name } } } })
}

/// Why a command is refused.
fn refused(site: &mut Site, command: Value) -> String {
    let command: Command = serde_json::from_value(command).unwrap();
    let refusal = site.0.run(command.clone()).map(|_| format!("{command:?} was allowed"));
    site.0.assert_sound(&command);
    refusal.unwrap_err().to_string()
}

fn alias(site: &mut Site, name: &str, domain: u32, target: &str) -> u32 {
    let resource = site.resource(name, domain, &[]);
    site.data(resource, "CNAME", target);
    resource
}

#[test]
fn aliases_do_not_come_to_lead_back_to_themselves() {
    let mut site = Site::new();
    let (da, dc) = (site.domain("da", None), site.domain("dc", None));
    alias(&mut site, "x", da, "y.db.");
    alias(&mut site, "y", dc, "x.da.");
    let reason = refused(&mut site, named(dc, "db"));
    assert_eq!(reason, "name: DNS resource 2 (y): rdata: leads back to y.db");
    site.run(named(dc, "dd"));
    assert_eq!(site.told("y.dd A"), ["30 x.da.", "30 y.db."]);
}

#[test]
fn names_stay_within_their_length() {
    let mut site = Site::new();
    let domain = site.domain("lab", None);
    let long = [61, 61, 61].map(|octets| "n".repeat(octets)).join(".");
    site.resource(&long, domain, &[]);
    site.run(named(domain, &["d".repeat(60), "lab".into()].join(".")));
    let reason = refused(&mut site, named(domain, &["d".repeat(63), "labor".into()].join(".")));
    assert!(reason.contains("DNS resource 1") && reason.contains("255"), "{reason}");
}

#[test]
fn nodes_keep_names_that_fit() {
    let mut site = Site::new();
    let domain = site.domain("lab", None);
    site.machine(&"h".repeat(63), domain, &[1]);
    let parent = [63, 63, 62].map(|octets| "d".repeat(octets)).join(".");
    let reason = refused(&mut site, named(domain, &parent));
    assert!(reason.contains("node 1") && reason.contains("255"), "{reason}");
    let other = site.domain(&parent, None);
    let node = json!({ "Node": { "Update": { "id": 1, "patch": { "domain": other } } } });
    let reason = refused(&mut site, node);
    assert!(reason.starts_with("hostname: "), "{reason}");
}

#[test]
fn alias_does_not_come_to_stand_beside_other_records() {
    let mut site = Site::new();
    let domain = site.domain("lab", None);
    alias(&mut site, "www", domain, "elsewhere.example.");
    let address = site.address("10.0.0.5", "UserReserved", &[]);
    site.resource("www.test", 0, &[address]);
    let reason = refused(&mut site, named(domain, "test.maas"));
    assert!(reason.contains("a CNAME stands alone, and www.test.maas has"), "{reason}");
}

#[test]
fn other_records_do_not_come_to_stand_beside_an_alias() {
    let mut site = Site::new();
    let domain = site.domain("lab", None);
    let address = site.address("10.0.0.5", "UserReserved", &[]);
    site.resource("www", domain, &[address]);
    alias(&mut site, "www.test", 0, "elsewhere.example.");
    let reason = refused(&mut site, named(domain, "test.maas"));
    assert!(reason.contains("a CNAME stands alone, and www.test.maas has"), "{reason}");
}

#[test]
fn domain_does_not_come_to_stand_at_an_alias_nor_an_alias_at_a_domain() {
    let mut site = Site::new();
    let domain = site.domain("lab", None);
    alias(&mut site, "sub", 0, "elsewhere.example.");
    let reason = refused(&mut site, named(domain, "sub.maas"));
    assert_eq!(reason, "name: a CNAME stands alone, and DNS resource 1 (sub) is one at sub.maas");
    let created = json!({ "Domain": { "Create": {
        "name": "SUB.maas", "authoritative": true, "ttl": null, "forward_servers": [],
    } } });
    assert!(refused(&mut site, created).contains("a CNAME stands alone"));
    site.domain("inner.maas", None);
    let inner = site.resource("inner", 0, &[]);
    let rdata = json!({ "rtype": "CNAME", "rdata": "elsewhere.example." });
    let data =
        json!({ "DnsData": { "Create": { "resource": inner, "ttl": null, "rdata": rdata } } });
    assert!(refused(&mut site, data).contains("SOA and NS"));
}

#[test]
fn what_was_wrong_before_does_not_forbid_another_name() {
    let mut site = Site::new();
    let domain = site.domain("lab", None);
    alias(&mut site, "web", domain, "elsewhere.example.");
    site.machine("web", domain, &[1]);
    site.run(named(domain, "lab2"));
}

#[test]
fn lookup_ends_at_a_name_it_has_been_at() {
    let apex: DomainName = "maas".parse().unwrap();
    let mut view = DnsView::default();
    let zone = Zone {
        apex: apex.clone(),
        kind: ZoneKind::Forward,
        ttl: 30,
        primary: apex.clone(),
        server: apex.clone(),
    };
    view.set_zone(&apex, Some(zone));
    let alias = |id: u32, owner: &str, target: &str| {
        let data = RecordData::Cname(target.parse().unwrap());
        let fact = Fact { owner: owner.parse().unwrap(), ttl: 30, data, reverse: false };
        (Origin::Data(DnsDataId(id)), vec![fact])
    };
    view.set_facts([alias(1, "a.maas", "b.maas"), alias(2, "b.maas", "A.maas")]);
    view.set_facts([alias(3, "*.w.maas", "x.w.maas")]);
    let answers = |name: &str| {
        let wanted = Wanted::Type(RecordType::A);
        view.lookup(&name.parse().unwrap(), wanted).unwrap().answers.len()
    };
    assert_eq!((answers("a.maas"), answers("y.w.maas")), (2, 2));
}
