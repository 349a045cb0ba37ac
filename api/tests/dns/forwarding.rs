//! Questions about foreign names: asked of others for those who may, refused for the rest.

use crate::dig::dig;
use crate::node::Node;
use crate::skip::has;
use regent_api::dns::config::{DnsSection, Upstream};
use regent_api::dns::response::Response;
use serde_json::json;

fn upstreams(nodes: &[&Node]) -> Vec<Upstream> {
    nodes.iter().map(|node| Upstream(node.address)).collect()
}

/// A server for other names, as a second site would have.
async fn elsewhere(domain: &str) -> Node {
    let node = Node::start(DnsSection::default()).await;
    node.rename_default_domain(domain);
    node
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_names_are_asked_of_upstreams_and_own_aliases_completed() {
    if !has("foreign_names_are_asked_of_upstreams_and_own_aliases_completed", "dig", "-v") {
        return;
    }
    let other = elsewhere("example.com").await;
    other.name("www", &["10.0.0.80"]);
    let config = DnsSection { upstreams: upstreams(&[&other]), ..DnsSection::default() };
    let node = Node::start(config).await;
    node.record("out", "CNAME", "www.example.com.");
    let asked = dig(node.address, "wWw.example.com A").await;
    assert_eq!(asked.status(), "NOERROR");
    assert!(asked.has_flag("ra") && !asked.has_flag("aa"));
    assert_eq!(asked.section("QUESTION"), [";wWw.example.com. IN A"]);
    let data = |answers: Vec<String>| -> Vec<String> {
        answers.iter().map(|line| line.rsplit(' ').next().unwrap().to_lowercase()).collect()
    };
    assert_eq!(data(asked.answers()), ["10.0.0.80"]);
    let chain = dig(node.address, "out.maas A").await.answers();
    assert_eq!(data(chain), ["www.example.com.", "10.0.0.80"]);
    let missing = dig(node.address, "nobody.example.com A").await;
    assert_eq!(missing.status(), "NXDOMAIN");
    let unasked = dig(node.address, "www.example.com A +norec").await;
    assert_eq!(unasked.status(), "REFUSED");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_kept_and_other_servers_stand_in_for_a_silent_one() {
    if !has("answers_are_kept_and_other_servers_stand_in_for_a_silent_one", "dig", "-v") {
        return;
    }
    // Takes questions and never answers.
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let other = elsewhere("example.com").await;
    let web = other.name("www", &["10.0.0.80"]);
    let servers = vec![Upstream(silent.local_addr().unwrap()), Upstream(other.address)];
    let node = Node::start(DnsSection { upstreams: servers, ..DnsSection::default() }).await;
    assert_eq!(dig(node.address, "www.example.com A").await.answers().len(), 1);
    other.run(json!({ "DnsResource": { "Delete": { "id": web } } }));
    assert_eq!(dig(node.address, "www.example.com A").await.answers().len(), 1, "from the cache");
}

#[tokio::test(flavor = "multi_thread")]
async fn domain_of_others_is_asked_of_its_own_servers() {
    if !has("domain_of_others_is_asked_of_its_own_servers", "dig", "-v") {
        return;
    }
    let corp = elsewhere("corp.maas").await;
    corp.name("db", &["10.0.0.90"]);
    let node = Node::start(DnsSection::default()).await;
    let server = json!({ "ip_address": "127.0.0.1", "port": corp.address.port() });
    node.run(json!({ "Domain": { "Create": {
        "name": "corp.maas", "authoritative": false, "ttl": null, "forward_servers": [server],
    } } }));
    assert_eq!(dig(node.address, "db.corp.maas A").await.answers().len(), 1);
    node.record("alias", "CNAME", "db.corp.maas.");
    let alias = dig(node.address, "alias.maas A").await;
    assert_eq!((alias.status(), alias.answers().len()), ("NOERROR", 2), "{}", alias.text);
    let unasked = dig(node.address, "alias.maas A +norec").await;
    assert_eq!((unasked.status(), unasked.answers().len()), ("NOERROR", 1), "{}", unasked.text);
    assert_eq!(dig(node.address, "www.example.com A").await.status(), "REFUSED");
}

/// A question for `db.corp.maas A`, with the wish for recursion.
const QUESTION: &[u8] = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x02db\x04corp\x04maas\0\0\x01\0\x01";

/// Code, whether the answer is authoritative, and how many records say who else is asked.
fn outcome(answer: &[u8]) -> (u8, bool, u8) {
    (answer[3] & 0xF, answer[2] & 0x04 != 0, answer[9])
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_use_forwarding_is_refused_names_of_others_or_referred_to_their_servers() {
    let node = Node::start(DnsSection::default()).await;
    let server = json!({ "ip_address": "192.0.2.53", "port": 53 });
    let domain = node.run(json!({ "Domain": { "Create": {
        "name": "corp.maas", "authoritative": false, "ttl": null, "forward_servers": [server],
    } } }));
    let stranger = "198.51.100.7";
    assert_eq!(outcome(&node.respond(QUESTION, stranger)), (5, false, 0), "REFUSED");
    let resource = node.run(json!({ "DnsResource": { "Create": {
        "name": "@", "domain": domain, "address_ttl": null, "addresses": [],
    } } }));
    node.run(json!({ "DnsData": { "Create": {
        "resource": resource, "ttl": null, "rdata": { "rtype": "NS", "rdata": "ns.corp.example." },
    } } }));
    assert_eq!(outcome(&node.respond(QUESTION, stranger)), (0, false, 1), "a referral");
    let unasked = [&QUESTION[..2], &[0], &QUESTION[3..]].concat();
    assert_eq!(outcome(&node.respond(&unasked, "127.0.0.1")), (0, false, 1), "no recursion wanted");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_forwarded_to_the_node_itself() {
    if !has("nothing_is_forwarded_to_the_node_itself", "dig", "-v") {
        return;
    }
    let node = Node::start(DnsSection::default()).await;
    let itself = json!({ "ip_address": "127.0.0.1", "port": node.address.port() });
    node.run(json!({ "Domain": { "Create": {
        "name": "corp.maas", "authoritative": false, "ttl": null, "forward_servers": [itself],
    } } }));
    assert_eq!(dig(node.address, "db.corp.maas A").await.status(), "REFUSED");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_forwarded_for_a_server_that_is_asked_itself() {
    let node = Node::start(DnsSection::default()).await;
    node.run(json!({ "Setting": { "Set": {
        "name": "upstream_dns", "value": { "Text": "198.51.100.1 198.51.100.2" },
    } } }));
    node.run(json!({ "Domain": { "Create": {
        "name": "corp.maas", "authoritative": false, "ttl": null,
        "forward_servers": [{ "ip_address": "198.51.100.9", "port": 53 }],
    } } }));
    let elsewhere = [&QUESTION[..12], b"\x03www\x07example\0\0\x01\0\x01"].concat();
    let asked_of = |question: &[u8], client: &str| {
        let allow_forward = vec!["198.51.100.0/24".to_owned()].try_into().unwrap();
        match node.decide(question, client, DnsSection { allow_forward, ..DnsSection::default() }) {
            Response::Forward(forwarded) => forwarded.servers.len(),
            Response::Message(message) => {
                assert_eq!(outcome(&message), (5, false, 0), "REFUSED");
                0
            }
            Response::Transfer(_) | Response::Silence => panic!("it is no question for others"),
        }
    };
    for (client, for_elsewhere, for_corp) in [
        ("198.51.100.7", 2, 1),
        ("198.51.100.2", 0, 1),
        ("::ffff:198.51.100.2", 0, 1),
        ("198.51.100.9", 2, 0),
    ] {
        let asked = (asked_of(&elsewhere, client), asked_of(QUESTION, client));
        assert_eq!(asked, (for_elsewhere, for_corp), "{client}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_answering_is_a_failure_and_not_a_silence() {
    if !has("nobody_answering_is_a_failure_and_not_a_silence", "dig", "-v") {
        return;
    }
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let servers = vec![Upstream(silent.local_addr().unwrap())];
    let node = Node::start(DnsSection { upstreams: servers, ..DnsSection::default() }).await;
    assert_eq!(dig(node.address, "www.example.com A").await.status(), "SERVFAIL");
}
