//! `POST /v1/vlans/ID/dhcp`: ranges and racks in one step, unless a rack does not see the VLAN or a foreign server answers there.

use crate::agent::{Agent, Line};
use crate::site::{Node, PATIENCE, Site, VLAN};
use bytes::Bytes;
use regent_core::id::NodeId;
use regent_core::model::dhcp_service::DhcpService;
use regent_proto::rack;
use regent_proto::rack::from_rack::Message as Said;
use regent_proto::rack::to_rack::Message as Told;
use regent_proto::rack::{Interface, Interfaces, Prefix, Probed};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::net::Ipv4Addr;

const LINK: Ipv4Addr = Ipv4Addr::new(10, 7, 0, 2);
const OTHER_LINK: Ipv4Addr = Ipv4Addr::new(10, 7, 0, 3);
const FOREIGN: Ipv4Addr = Ipv4Addr::new(10, 7, 0, 9);

fn interface(address: Ipv4Addr) -> Interface {
    let addresses = vec![Prefix { address: address.into(), length: 24 }];
    Interface { name: "eth1".to_owned(), mac_address: Bytes::new(), addresses }
}

/// The rack, connected to a node with this address on its network.
async fn connected(agent: &Agent, node: &Node, address: Ipv4Addr) -> Line {
    let hello = rack::Hello { interfaces: vec![interface(address)], ..agent.hello.clone() };
    Agent { hello, ..agent.clone() }.connect(node).await.0
}

/// A site with a subnet on its VLAN, and nothing that serves it.
async fn unserved(nodes: usize) -> Site {
    let site = Site::of(nodes).await;
    let subnet = json!({ "vlan": VLAN, "cidr": "10.7.0.0/24", "gateway_ip": "10.7.0.1" });
    site.admin("POST", "/v1/subnets", subnet).await;
    site
}

/// What the founder answers.
async fn send(site: &Site, method: Method, body: Value) -> (StatusCode, Value) {
    let url = format!("http://{}/v1/vlans/{VLAN}/dhcp", site.node().address);
    let client = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
    let request = client.request(method, url);
    let request = if body.is_null() { request } else { request.json(&body) };
    let response = request.send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

async fn start(site: &Site, wish: Value) -> (StatusCode, Value) {
    send(site, Method::POST, wish).await
}

/// Waits until the founder has heard that the rack is connected.
async fn known(site: &Site, agent: &Agent) {
    let number = NodeId(agent.number);
    site.until("the rack is known", || {
        let everyone = site.node().context.racks.everyone();
        everyone.racks.get(&number).is_some_and(|(_, status)| status.connected)
    })
    .await;
}

/// Looks for servers as it is asked, and hears these.
async fn look(line: &mut Line, servers: &[Ipv4Addr]) -> Ipv4Addr {
    let servers = servers.iter().map(|server| server.to_bits()).collect();
    answer(line, Probed { servers, ..Probed::default() }).await
}

/// Answers the next look with this.
async fn answer(line: &mut Line, probed: Probed) -> Ipv4Addr {
    let probe = line.next_such(|told| match told {
        Told::Probe(probe) => Some(probe),
        Told::Goodbye(goodbye) => panic!("{goodbye:?}"),
        _ => None,
    });
    let probe = probe.await;
    line.say(Said::Probed(Probed { id: probe.id, ..probed })).await;
    probe.link.into()
}

fn wish(rack: &str) -> Value {
    json!({ "primary_rack": rack, "ranges": [{ "start": "10.7.0.100", "end": "10.7.0.199" }] })
}

fn service(site: &Site) -> Option<Vec<NodeId>> {
    let published = site.node().region.published();
    published
        .state
        .get::<DhcpService>(&regent_core::id::VlanId(VLAN))
        .map(|row| row.value.servers.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ranges_and_rack_are_set_at_once_and_live_is_said_when_the_rack_says_so() {
    let site = unserved(1).await;
    let agent = site.rack("rack").await;
    let mut line = connected(&agent, site.node(), LINK).await;
    known(&site, &agent).await;
    let ((status, body), link) = tokio::join!(start(&site, wish("rack")), look(&mut line, &[]));
    assert_eq!((status, link), (StatusCode::OK, LINK), "{body}");
    assert_eq!((&body["on"], &body["live"]), (&json!(true), &json!(false)));
    assert_eq!(body["ranges"], json!([{ "start": "10.7.0.100", "end": "10.7.0.199" }]));
    let warnings = body["warnings"].as_array().unwrap();
    assert!(warnings.len() == 1 && warnings[0].as_str().unwrap().contains("boot.server"));
    let revision = body["revision"].as_u64().unwrap();
    let beats = line.beating_at(VLAN, LINK, revision - 1);
    let shown = async || send(&site, Method::GET, Value::Null).await.1;
    site.eventually("it is heard of", async || !shown().await["racks"][0]["server_id"].is_null())
        .await;
    assert_eq!(shown().await["live"], false, "by an older view");
    drop(beats);
    let _beats = line.beating_at(VLAN, LINK, revision);
    site.eventually("it is live", async || shown().await["live"] == true).await;
    let (status, body) = send(&site, Method::DELETE, Value::Null).await;
    assert_eq!(
        (status, &body["on"], body["ranges"].as_array().unwrap().len()),
        (StatusCode::OK, &json!(false), 1)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn foreign_server_that_answers_a_rack_anywhere_is_named_and_refused_unless_it_is_passed_over()
{
    let site = unserved(2).await;
    let agent = site.rack("rack").await;
    let mut line = connected(&agent, &site.nodes[1], LINK).await;
    let _beats = line.beating(VLAN, LINK);
    known(&site, &agent).await;
    let looking = look(&mut line, &[FOREIGN]);
    let ((status, body), _) = tokio::join!(start(&site, wish("rack")), looking);
    assert_eq!((status, &body["code"]), (StatusCode::CONFLICT, &json!("E0206")));
    assert!(body["detail"].as_str().unwrap().contains("10.7.0.9"), "{body}");
    assert_eq!(service(&site), None, "nothing was done");
    let vlan = async || site.admin("GET", &format!("/v1/vlans/{VLAN}"), Value::Null).await;
    site.eventually("it is written down", async || vlan().await["external_dhcp"] == "10.7.0.9")
        .await;
    assert!(vlan().await["external_dhcp_seen_ms_ago"].is_u64());
    let mut despite = wish("rack");
    despite["despite"] = json!(["foreign"]);
    let looking = look(&mut line, &[FOREIGN]);
    let ((status, body), _) = tokio::join!(start(&site, despite), looking);
    assert_eq!(status, StatusCode::OK, "{body}");
    assert!(body["warnings"][0].as_str().unwrap().contains("10.7.0.9"));
    assert_eq!(service(&site), Some(vec![NodeId(agent.number)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn look_that_fails_is_refused_unless_it_is_passed_over_and_one_that_cannot_be_is_a_warning() {
    let site = unserved(1).await;
    let agent = site.rack("rack").await;
    let mut line = connected(&agent, site.node(), LINK).await;
    let _beats = line.beating(VLAN, LINK);
    known(&site, &agent).await;
    let trouble = |unable| Probed {
        trouble: Some("the system refuses".to_owned()),
        unable,
        ..Probed::default()
    };
    let failing = answer(&mut line, trouble(false));
    let ((status, body), _) = tokio::join!(start(&site, wish("rack")), failing);
    assert_eq!((status, &body["code"]), (StatusCode::CONFLICT, &json!("E0206")), "{body}");
    let detail = body["detail"].as_str().unwrap();
    assert!(detail.contains("the system refuses") && detail.contains("Repeat"), "{detail}");
    assert_eq!(service(&site), None, "nothing was done");
    let mut despite = wish("rack");
    despite["despite"] = json!(["foreign"]);
    for (wish, unable) in [(despite, false), (wish("rack"), true)] {
        let looking = answer(&mut line, trouble(unable));
        let ((status, body), _) = tokio::join!(start(&site, wish), looking);
        assert_eq!(status, StatusCode::OK, "{body}");
        assert!(body["warnings"][0].as_str().unwrap().contains("did not look"), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_rack_of_the_vlan_is_no_foreign_server() {
    let site = unserved(1).await;
    let (first, second) = (site.rack("first").await, site.rack("other").await);
    let mut line = connected(&first, site.node(), LINK).await;
    let _other = connected(&second, site.node(), OTHER_LINK).await;
    known(&site, &first).await;
    known(&site, &second).await;
    site.served_range_by(&first, &second).await;
    let ((status, body), _) =
        tokio::join!(start(&site, wish("first")), look(&mut line, &[OTHER_LINK]));
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(service(&site), Some(vec![NodeId(first.number)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connected_rack_has_to_see_the_vlan_and_tells_when_it_does() {
    let site = unserved(1).await;
    let agent = site.rack("rack").await;
    let mut line = connected(&agent, site.node(), Ipv4Addr::new(10, 8, 0, 2)).await;
    let _beats = line.beating_nothing();
    known(&site, &agent).await;
    let (status, body) = start(&site, wish("rack")).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let detail = body["detail"].as_str().unwrap();
    assert!(detail.contains("10.7.0.0/24") && detail.contains("unseen"), "{detail}");
    let shown = async || site.admin("GET", "/v1/racks/rack", Value::Null).await;
    assert_eq!(shown().await["sees"], json!([]));
    line.say(Said::Interfaces(Interfaces { interfaces: vec![interface(LINK)] })).await;
    site.eventually("it sees it", async || shown().await["sees"][0]["vlan"] == VLAN).await;
    let ((status, _), _) = tokio::join!(start(&site, wish("rack")), look(&mut line, &[]));
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rack_that_is_away_is_set_all_the_same_and_that_nobody_looked_is_said() {
    let site = unserved(1).await;
    let agent = site.rack("rack").await;
    let (status, body) = start(&site, wish("rack")).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let warnings = body["warnings"].to_string();
    assert!(warnings.contains("is not connected") && warnings.contains("did not look"), "{body}");
    assert_eq!(service(&site), Some(vec![NodeId(agent.number)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_is_said_with_what_to_do() {
    let site = unserved(1).await;
    site.rack("rack").await;
    let range = json!([{ "start": "10.7.0.100", "end": "10.7.0.199" }]);
    let outside = json!([{ "start": "10.9.0.1", "end": "10.9.0.9" }]);
    for (wish, pointer, words) in [
        (json!({ "ranges": range }), "/primary_rack", "regent rack ls"),
        (json!({ "primary_rack": "rack" }), "/ranges", "which addresses"),
        (json!({ "primary_rack": "nobody", "ranges": range }), "/primary_rack", "nobody"),
        (json!({ "primary_rack": "rack", "ranges": outside }), "/ranges/0", "10.7.0.0/24"),
        (json!({ "primary_rack": "rack", "despite": ["all"] }), "/despite", "foreign, unseen"),
        (json!({ "primary_rack": "rack", "ranges": range, "x": 1 }), "/x", "not a field"),
    ] {
        let (status, body) = start(&site, wish).await;
        assert_eq!(
            (status, &body["errors"][0]["pointer"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(pointer))
        );
        assert!(body["detail"].as_str().unwrap().contains(words), "{body}");
    }
    assert_eq!(service(&site), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_that_is_replaced_and_goes_on_is_listened_for_and_keeps_its_addresses_closed() {
    let site = Site::of(2).await;
    let agent = site.rack("rack").await;
    site.served_by(&[&agent]).await;
    let lease = json!({
        "ip": "10.7.0.100", "mac_address": "02:00:00:00:00:21", "remaining_ms": 60_000,
    });
    let leases = json!({ "as_of_ms": 1, "longest_lease_s": 600, "leases": [lease] });
    site.admin("POST", "/v1/lease-imports", leases).await;
    let pending_ms = async || {
        let subnet = site.admin("GET", "/v1/subnets/1", Value::Null).await;
        subnet["pending_ms"].as_u64().unwrap()
    };
    // From the session on the racks serve it, and its time counts.
    let mut line = connected(&agent, &site.nodes[1], LINK).await;
    let before = pending_ms().await;
    let _beats = line.beating(VLAN, LINK);
    assert_eq!(look(&mut line, &[FOREIGN]).await, LINK, "nobody had to ask for it");
    let much_later = before + 30_000;
    site.eventually("the end is put off", async || pending_ms().await > much_later).await;
}
