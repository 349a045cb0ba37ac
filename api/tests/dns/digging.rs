//! Answers as `dig` sees them.

use crate::dig::dig;
use crate::node::Node;
use crate::skip::has;
use regent_api::dns::config::DnsSection;
use regent_core::model::record_data::{RDATA_OCTETS_MAX, RecordData, STRING_OCTETS_MAX};
use regent_core::model::record_type::RecordType;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn answers_have_their_flags_codes_and_soa() {
    if !has("answers_have_their_flags_codes_and_soa", "dig", "-v") {
        return;
    }
    let node = Node::start(DnsSection::default()).await;
    node.name("web", &["10.0.0.5", "10.0.0.6"]);
    let found = dig(node.address, "web.maas A +norec").await;
    assert_eq!(found.status(), "NOERROR");
    assert!(found.has_flag("aa") && !found.has_flag("tc"));
    assert_eq!(found.answers(), ["web.maas. 30 IN A 10.0.0.5", "web.maas. 30 IN A 10.0.0.6"]);
    let nodata = dig(node.address, "web.maas MX").await;
    assert_eq!((nodata.status(), nodata.answers().len()), ("NOERROR", 0));
    let serial = node.serial("maas");
    let soa = format!("maas. 30 IN SOA maas. nobody.example.com. {serial} 600 1800 604800 30");
    assert_eq!(nodata.section("AUTHORITY"), std::slice::from_ref(&soa));
    let missing = dig(node.address, "nobody.maas A").await;
    assert_eq!(missing.status(), "NXDOMAIN");
    assert!(missing.has_flag("aa"));
    assert_eq!(missing.section("AUTHORITY"), std::slice::from_ref(&soa));
    assert_eq!(dig(node.address, "maas SOA +tcp").await.answers(), [soa]);
    let foreign = dig(node.address, "www.example.com A").await;
    assert_eq!(foreign.status(), "REFUSED");
    let reverse = dig(node.address, "-x 10.0.0.5").await;
    assert_eq!(reverse.answers(), ["5.0.0.10.in-addr.arpa. 30 IN PTR web.maas."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn change_is_seen_by_the_next_question_and_case_comes_back_as_asked() {
    if !has("change_is_seen_by_the_next_question_and_case_comes_back_as_asked", "dig", "-v") {
        return;
    }
    let node = Node::start(DnsSection::default()).await;
    assert_eq!(dig(node.address, "web.maas A").await.status(), "NXDOMAIN");
    node.name("web", &["10.0.0.5"]);
    let asked = dig(node.address, "WeB.mAAs A").await;
    assert_eq!(asked.section("QUESTION"), [";WeB.mAAs. IN A"]);
    assert_eq!(asked.answers(), ["WeB.mAAs. 30 IN A 10.0.0.5"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_answers_are_cut_over_udp_and_whole_over_tcp() {
    if !has("long_answers_are_cut_over_udp_and_whole_over_tcp", "dig", "-v") {
        return;
    }
    let node = Node::start(DnsSection::default()).await;
    let addresses: Vec<String> = (1..=100).map(|last| format!("10.0.0.{last}")).collect();
    node.name("many", &addresses.iter().map(String::as_str).collect::<Vec<_>>());
    let cut = dig(node.address, "many.maas A +ignore").await;
    assert!(cut.has_flag("tc") && cut.answers().len() < 100);
    let size = |text: &str| -> usize {
        text.split_once("MSG SIZE  rcvd: ").unwrap().1.trim().parse().unwrap()
    };
    assert!(size(&cut.text) <= 1232, "{}", cut.text);
    let plain = dig(node.address, "many.maas A +ignore +noedns").await;
    assert!(plain.has_flag("tc") && size(&plain.text) <= 512, "{}", plain.text);
    assert!(!plain.text.contains("EDNS"));
    let greedy = dig(node.address, "many.maas A +ignore +bufsize=65000").await;
    assert!(size(&greedy.text) <= 1232, "nothing larger is sent than any path takes");
    let whole = dig(node.address, "many.maas A").await;
    assert_eq!(whole.answers().len(), 100, "dig asks again over TCP");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_type_comes_through_as_it_was_given() {
    if !has("every_record_type_comes_through_as_it_was_given", "dig", "-v") {
        return;
    }
    let node = Node::start(DnsSection::default()).await;
    node.subnet("2001:db8::/64");
    node.name("six", &["2001:db8::5:0:0"]);
    let records = [
        ("mx", "MX", "10 mail.maas."),
        ("_sip._udp", "SRV", "1 2 5060 sip.maas."),
        ("txt", "TXT", "\"two words\" \"and \\\"quotes\\\"\""),
        ("caa", "CAA", "0 issue \"ca.example\""),
        ("ssh", "SSHFP", "1 1 0123456789ABCDEF0123456789ABCDEF01234567"),
        ("alias", "CNAME", "six.maas."),
    ];
    for (name, rtype, rdata) in records {
        node.record(name, rtype, rdata);
    }
    for (name, rtype, rdata) in records {
        let answers = dig(node.address, &format!("{name}.maas {rtype}")).await.answers();
        assert_eq!(answers, [format!("{name}.maas. 30 IN {rtype} {rdata}")]);
    }
    let chain = dig(node.address, "alias.maas AAAA").await.answers();
    assert_eq!(chain[1], "six.maas. 30 IN AAAA 2001:db8::5:0:0");
}

#[tokio::test(flavor = "multi_thread")]
async fn zones_are_transferred_to_those_who_may_and_to_nobody_else() {
    if !has("zones_are_transferred_to_those_who_may_and_to_nobody_else", "dig", "-v") {
        return;
    }
    let closed = Node::start(DnsSection::default()).await;
    assert!(dig(closed.address, "maas AXFR").await.text.contains("Transfer failed"));
    let allow_transfer = vec!["127.0.0.1".to_owned()].try_into().unwrap();
    let node = Node::start(DnsSection { allow_transfer, ..DnsSection::default() }).await;
    node.name("web", &["10.0.0.5"]);
    node.run(json!({ "Subnet": { "Create": regent_core::model::subnet::Subnet::new(
        regent_core::id::VlanId(5001), "10.8.0.0/16".parse().unwrap(),
    ) } }));
    node.run(json!({ "IpRange": { "Create": {
        "subnet": 2, "range_type": "Dynamic", "start_ip": "10.8.0.1", "end_ip": "10.8.255.254",
        "user": null, "comment": "",
    } } }));
    for (zone, records) in [
        // SOA twice, NS, one name, one generated name an address.
        ("maas", 2 + 1 + 1 + 65_534),
        ("8.10.in-addr.arpa", 2 + 1 + 65_534),
        ("0.0.10.in-addr.arpa", 2 + 1 + 1),
    ] {
        let whole = dig(node.address, &format!("{zone} AXFR")).await.text;
        let lines: Vec<&str> =
            whole.lines().filter(|line| !line.is_empty() && !line.starts_with(';')).collect();
        assert_eq!(lines.len(), records, "{zone}");
        assert!(lines[0].contains("SOA") && lines[records - 1].contains("SOA"));
    }
    let difference = dig(node.address, "maas IXFR=1").await;
    assert!(difference.text.lines().count() > 65_000, "answered with the whole zone");
    assert!(dig(node.address, "nobody AXFR").await.text.contains("Transfer failed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn longest_record_at_the_longest_name_is_answered_and_transferred() {
    if !has("longest_record_at_the_longest_name_is_answered_and_transferred", "dig", "-v") {
        return;
    }
    let allow_transfer = vec!["127.0.0.1".to_owned()].try_into().unwrap();
    let node = Node::start(DnsSection { allow_transfer, ..DnsSection::default() }).await;
    let name = [63, 63, 63, 56].map(|octets| "n".repeat(octets)).join(".");
    let full = format!("\"{}\"", "t".repeat(STRING_OCTETS_MAX));
    let (strings, rest) = (RDATA_OCTETS_MAX / 256, RDATA_OCTETS_MAX % 256 - 1);
    let text = |rest: usize| {
        format!("{} \"{}\"", vec![full.as_str(); strings].join(" "), "t".repeat(rest))
    };
    assert!(RecordData::parse(RecordType::Txt, &text(rest + 1), &"maas".parse().unwrap()).is_err());
    node.record(&name, "TXT", &text(rest));
    let answers = dig(node.address, &format!("{name}.maas TXT +tcp")).await;
    assert!(!answers.has_flag("tc") && answers.status() == "NOERROR");
    assert_eq!(answers.answers(), [format!("{name}.maas. 30 IN TXT {}", text(rest))]);
    let whole = dig(node.address, "maas AXFR").await.text;
    let records = whole.lines().filter(|line| !line.is_empty() && !line.starts_with(';'));
    assert_eq!(records.count(), 2 + 1 + 1, "SOA twice, NS, and the record");
}

#[tokio::test(flavor = "multi_thread")]
async fn server_tells_how_fresh_its_answers_are() {
    if !has("server_tells_how_fresh_its_answers_are", "dig", "-v") {
        return;
    }
    let node = Node::start(DnsSection::default()).await;
    let told = dig(node.address, "freshness.regent CH TXT").await;
    let [answer] = told.answers().try_into().unwrap();
    assert_eq!(answer, "freshness.regent. 0 CH TXT \"revision=2\" \"last_contact_ms=7\"");
    assert_eq!(dig(node.address, "version.bind CH TXT").await.status(), "REFUSED");
}
