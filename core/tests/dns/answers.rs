//! What lookups make of the records: aliases, wildcards, delegations, and the ways of having nothing.

use crate::site::Site;
use regent_core::model::record_type::RecordType;
use regent_core::query::dns_site::{DEFAULT_DNS_TTL, dns_site};
use serde_json::json;

#[test]
fn nothing_of_a_type_is_told_from_no_such_name_and_both_bring_the_soa() {
    let mut site = Site::new();
    let deep = site.resource("_sip._udp.voice", 0, &[]);
    site.data(deep, "SRV", "1 2 5060 voice.maas.");
    for (question, told) in [
        ("_sip._udp.voice.maas SRV", "30 1 2 5060 voice.maas."),
        ("_sip._udp.voice.maas A", "nothing of that type"),
        ("_sip._udp.voice.maas TYPE65", "nothing of that type"),
        ("_udp.voice.maas A", "nothing of that type"),
        ("voice.maas A", "nothing of that type"),
        ("x.voice.maas A", "no such name"),
        ("maas NS", "30 maas."),
        ("example.com A", "refused"),
    ] {
        assert_eq!(site.told(question), [told], "{question}");
        let answer = site.ask(question);
        let soa = answer.is_some_and(|answer| {
            answer.authority.iter().any(|record| record.data.record_type() == RecordType::Soa)
        });
        assert_eq!(soa, told.starts_with("no"), "{question}");
    }
}

#[test]
fn aliases_are_followed_through_all_our_zones_and_no_further() {
    let mut site = Site::new();
    let lab = site.domain("lab.example.net", None);
    let address = site.address("10.0.0.5", "UserReserved", &[]);
    site.resource("real", lab, &[address]);
    for (name, target) in [("one", "two.maas."), ("two", "real.lab.example.net."), ("out", "a.b.")]
    {
        let resource = site.resource(name, 0, &[]);
        site.data(resource, "CNAME", target);
    }
    let lost = site.resource("lost", 0, &[]);
    site.data(lost, "CNAME", "nowhere.maas.");
    let chain = ["30 two.maas.", "30 real.lab.example.net.", "30 10.0.0.5"];
    assert_eq!(site.told("one.maas A"), chain);
    assert_eq!(site.told("one.maas CNAME"), ["30 two.maas."]);
    assert_eq!(site.told("one.maas AAAA").len(), 2);
    assert_eq!(site.told("out.maas A"), ["30 a.b."]);
    assert_eq!(site.told("lost.maas A"), ["30 nowhere.maas.", "no such name"]);
}

#[test]
fn wildcard_stands_for_names_that_do_not_exist() {
    let mut site = Site::new();
    let address = site.address("10.0.0.5", "UserReserved", &[]);
    site.resource("*", 0, &[address]);
    site.resource("a.b", 0, &[address]);
    assert_eq!(site.told("any.maas A"), ["30 10.0.0.5"]);
    assert_eq!(site.ask("any.maas A").unwrap().answers[0].owner, "any.maas".parse().unwrap());
    assert_eq!(site.told("x.y.maas A"), ["30 10.0.0.5"]);
    assert_eq!(site.told("any.maas MX"), ["nothing of that type"]);
    assert_eq!(site.told("b.maas A"), ["nothing of that type"]);
    assert_eq!(site.told("x.b.maas A"), ["no such name"]);
}

#[test]
fn name_servers_below_the_apex_delegate() {
    let mut site = Site::new();
    let address = site.address("10.0.0.5", "UserReserved", &[]);
    let sub = site.resource("sub", 0, &[]);
    site.data(sub, "NS", "ns.sub.maas.");
    site.resource("ns.sub", 0, &[address]);
    site.resource("hidden.sub", 0, &[address]);
    for question in ["sub.maas A", "hidden.sub.maas A", "ns.sub.maas A"] {
        assert_eq!(site.told(question), ["see ns.sub.maas."], "{question}");
    }
    let answer = site.ask("x.sub.maas A").unwrap();
    assert_eq!(answer.additional.len(), 1);
    let content = site.transfer("maas");
    assert!(content.iter().any(|record| record.starts_with("ns.sub.maas ")), "{content:?}");
    assert!(!content.iter().any(|record| record.starts_with("hidden")), "{content:?}");
}

#[test]
fn zone_below_another_answers_for_itself_and_is_delegated_by_it() {
    let mut site = Site::new();
    let lab = site.domain("lab.maas", Some(60));
    let address = site.address("10.0.0.5", "UserReserved", &[]);
    site.resource("web", lab, &[address]);
    site.resource("x.lab", 0, &[address]);
    assert_eq!(site.told("web.lab.maas A"), ["60 10.0.0.5"]);
    assert_eq!(site.told("x.lab.maas A"), ["30 10.0.0.5"], "a name is in the closest zone");
    assert_eq!(site.told("lab.maas NS"), ["60 maas."]);
    let parent = site.transfer("maas");
    assert_eq!(parent.len(), 2, "{parent:?}");
    assert!(parent.iter().any(|record| record.starts_with("lab.maas 60 ns")), "{parent:?}");
    assert_eq!(site.transfer("lab.maas").len(), 3);
}

#[test]
fn domain_that_is_not_ours_has_no_names_here_but_servers_to_ask() {
    let mut site = Site::new();
    let lab = site.domain("lab.maas", None);
    site.machine("web", lab, &[1]);
    site.address("10.0.0.5", "Sticky", &[1]);
    let server = json!({ "ip_address": "10.9.9.9", "port": 53 });
    let patch = json!({ "authoritative": false, "forward_servers": [server] });
    site.run(json!({ "Domain": { "Update": { "id": lab, "patch": patch } } }));
    for question in ["web.lab.maas A", "lab.maas SOA", "lab.maas DS", "nobody.lab.maas A"] {
        assert_eq!(site.told(question), ["refused"], "{question}: others know");
    }
    assert_eq!(site.told("lab.other.maas A"), ["no such name"]);
    assert_eq!(site.told("5.0.0.10.in-addr.arpa PTR"), ["30 web.lab.maas."]);
    let view = site.0.state.dns();
    let servers = view.forward_servers(&"web.lab.maas".parse().unwrap()).unwrap();
    assert_eq!(servers[0].socket_address(), "10.9.9.9:53".parse().unwrap());
    assert!(view.forward_servers(&"web.maas".parse().unwrap()).is_none());
    let apex = site.resource("@", lab, &[]);
    site.data(apex, "NS", "ns.elsewhere.");
    assert_eq!(site.told("web.lab.maas A"), ["see ns.elsewhere."]);
}

#[test]
fn domain_that_is_neither_ours_nor_anybody_elses_has_no_names() {
    let mut site = Site::new();
    let lab = site.domain("lab.maas", None);
    let patch = json!({ "authoritative": false });
    site.run(json!({ "Domain": { "Update": { "id": lab, "patch": patch } } }));
    assert_eq!(site.told("web.lab.maas A"), ["no such name"]);
}

#[test]
fn alias_into_a_domain_with_servers_of_its_own_ends_there() {
    let mut site = Site::new();
    let lab = site.domain("lab.maas", None);
    let server = json!({ "ip_address": "10.9.9.9", "port": 53 });
    let patch = json!({ "authoritative": false, "forward_servers": [server] });
    site.run(json!({ "Domain": { "Update": { "id": lab, "patch": patch } } }));
    let out = site.resource("out", 0, &[]);
    site.data(out, "CNAME", "web.lab.maas.");
    assert_eq!(site.told("out.maas A"), ["30 web.lab.maas."], "whether that exists, others know");
    let view = site.0.state.dns();
    for (name, elsewhere) in [("web.lab.maas", true), ("web.maas", false), ("a.b", true)] {
        assert_eq!(view.is_elsewhere(&name.parse().unwrap()), elsewhere, "{name}");
    }
}

#[test]
fn signers_of_a_delegated_zone_are_asked_of_the_zone_above() {
    let mut site = Site::new();
    let sub = site.resource("sub", 0, &[]);
    site.data(sub, "NS", "ns.elsewhere.");
    site.domain("lab.maas", None);
    site.domain("lab.example.net", None);
    for (question, zone) in [
        ("sub.maas DS", "maas"),
        ("lab.maas DS", "maas"),
        ("maas DS", "maas"),
        ("lab.example.net DS", "lab.example.net"),
    ] {
        assert_eq!(site.told(question), ["nothing of that type"], "{question}");
        let [soa] = site.ask(question).unwrap().authority.try_into().unwrap();
        assert_eq!(soa.owner, zone.parse().unwrap(), "{question}");
    }
    assert_eq!(site.told("below.sub.maas DS"), ["see ns.elsewhere."]);
    assert_eq!(site.told("nobody.maas DS"), ["no such name"]);
}

#[test]
fn questions_for_anything_get_one_set() {
    let mut site = Site::new();
    let address = site.address("10.0.0.5", "UserReserved", &[]);
    let web = site.resource("web", 0, &[address]);
    site.data(web, "TXT", "hello");
    assert_eq!(site.told("web.maas ANY"), ["30 10.0.0.5"]);
}

#[test]
fn default_time_to_live_that_no_record_can_have_counts_for_nothing() {
    let mut site = Site::new();
    let built_in = dns_site(&site.0.state).default_ttl;
    for (seconds, counts) in [(7_i64, true), (0x7FFF_FFFF, true), (0x8000_0000, false), (-1, false)]
    {
        let value = json!({ "Integer": seconds });
        site.run(json!({ "Setting": { "Set": { "name": DEFAULT_DNS_TTL, "value": value } } }));
        let wanted = u32::try_from(seconds).ok().filter(|_| counts).unwrap_or(built_in);
        assert_eq!(dns_site(&site.0.state).default_ttl, wanted, "{seconds}");
    }
}

#[test]
fn hosts_of_domains_that_are_not_ours_make_no_name_of_a_zone_above() {
    let mut site = Site::new();
    let foreign = |name: &str| {
        json!({ "Domain": { "Create": {
            "name": name, "authoritative": false, "ttl": null, "forward_servers": [],
        } } })
    };
    site.run(foreign("a.x.maas"));
    site.run(foreign("c.x.maas"));
    let address = site.address("10.0.0.5", "UserReserved", &[]);
    for (name, domain) in [("web", 1), ("deep.er", 1), ("web", 2)] {
        site.resource(name, domain, &[address]);
    }
    assert_eq!(site.told("x.maas A"), ["no such name"]);
    let between = site.resource("b.x", 0, &[address]);
    assert_eq!(site.told("x.maas A"), ["nothing of that type"]);
    site.run(json!({ "DnsResource": { "Delete": { "id": between } } }));
    site.resource("d.x", 0, &[address]);
    assert_eq!(site.told("x.maas A"), ["nothing of that type"]);
    let servers = site.resource("y", 0, &[]);
    site.data(servers, "NS", "ns.elsewhere.example.");
    assert_eq!(site.told("y.maas A"), ["see ns.elsewhere.example."]);
}
