//! What a node counts about its DNS server.

use crate::node::Node;
use regent_api::dns::config::{DnsSection, Upstream};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{interval, timeout};

const PATIENCE: Duration = Duration::from_secs(20);
const A: u8 = 1;
const AXFR: u8 = 252;

/// A question with the wish for recursion.
fn question(name: &str, qtype: u8) -> Vec<u8> {
    let mut bytes = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.extend_from_slice(&[0, 0, qtype, 0, 1]);
    bytes
}

/// Asks until somebody answers, and waits no longer than for that.
async fn ask(server: SocketAddr, packet: &[u8]) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(packet, server).await.unwrap();
    let mut answer = [0; 512];
    timeout(PATIENCE, socket.recv(&mut answer)).await.expect("it is answered").unwrap();
}

async fn ask_over_tcp(server: SocketAddr, packet: &[u8]) {
    let mut stream = TcpStream::connect(server).await.unwrap();
    let length = u16::try_from(packet.len()).unwrap();
    stream.write_all(&[&length.to_be_bytes(), packet].concat()).await.unwrap();
    timeout(PATIENCE, stream.read_u16()).await.expect("it is answered").unwrap();
}

/// Waits until all these lines are among what the node shows; it counts an answer when it is sent.
async fn until_shown(node: &Node, lines: &[&str]) {
    let mut looks = interval(Duration::from_millis(10));
    let look = async {
        while !lines.iter().all(|line| node.figures().lines().any(|shown| shown == *line)) {
            looks.tick().await;
        }
    };
    let shown = timeout(PATIENCE, look).await;
    assert!(shown.is_ok(), "{lines:?} are not all in\n{}", node.figures());
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_are_counted_by_transport_and_answers_by_code() {
    let node = Node::start(DnsSection::default()).await;
    node.name("web", &["10.0.0.5"]);
    ask(node.address, &question("web.maas", A)).await;
    ask(node.address, &question("nobody.maas", A)).await;
    ask_over_tcp(node.address, &question("www.example.com", A)).await;
    let mut bad_version = question("web.maas", A);
    bad_version[11] = 1;
    bad_version.extend_from_slice(&[0, 0, 41, 4, 208, 0, 1, 0, 0, 0, 0]);
    ask(node.address, &bad_version).await;
    let lines = [
        "dns_questions_total{transport=\"udp\"} 3",
        "dns_questions_total{transport=\"tcp\"} 1",
        "dns_answers_total{code=\"NOERROR\"} 1",
        "dns_answers_total{code=\"NXDOMAIN\"} 1",
        "dns_answers_total{code=\"REFUSED\"} 1",
        "dns_answers_total{code=\"BADVERS\"} 1",
        "dns_answers_total{code=\"SERVFAIL\"} 0",
    ];
    until_shown(&node, &lines).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_beyond_the_rate_limit_are_counted_by_what_they_met_with() {
    let allow_unlimited = Vec::new().try_into().unwrap();
    let config = DnsSection { answers_per_second: 1, allow_unlimited, ..DnsSection::default() };
    let node = Node::start(config).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let flood = async {
        let mut pauses = interval(Duration::from_millis(1));
        let counted = |outcome: &str| {
            let none = format!("dns_rate_limited_total{{outcome=\"{outcome}\"}} 0");
            !node.figures().contains(&none)
        };
        while !counted("shortened") || !counted("dropped") {
            socket.send_to(&question("maas", A), node.address).await.unwrap();
            pauses.tick().await;
        }
    };
    timeout(PATIENCE, flood).await.expect("both are counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn forwarded_questions_are_counted_by_who_knew_the_answer() {
    let other = Node::start(DnsSection::default()).await;
    // The other one answers for `maas` only, and this one not for that.
    other.name("web", &["10.0.0.80"]);
    let upstreams = vec![Upstream(other.address)];
    let node = Node::start(DnsSection { upstreams, ..DnsSection::default() }).await;
    node.rename_default_domain("lab");
    ask(node.address, &question("web.maas", A)).await;
    let counted = |answered, cached, failed| {
        [("answered", answered), ("cached", cached), ("failed", failed)]
            .map(|(outcome, count)| format!("dns_forwarded_total{{outcome=\"{outcome}\"}} {count}"))
    };
    until_shown(&node, &counted(1, 0, 0).each_ref().map(String::as_str)).await;
    ask(node.address, &question("web.maas", A)).await;
    until_shown(&node, &counted(1, 1, 0).each_ref().map(String::as_str)).await;
    // That is refused there, which answers nothing.
    ask(node.address, &question("www.example.com", A)).await;
    until_shown(&node, &counted(1, 1, 1).each_ref().map(String::as_str)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn transfers_and_what_secondaries_confirm_are_counted() {
    let secondary = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let config = DnsSection {
        allow_transfer: vec!["127.0.0.1".to_owned()].try_into().unwrap(),
        secondaries: vec![Upstream(secondary.local_addr().unwrap())],
        ..DnsSection::default()
    };
    let node = Node::start(config).await;
    ask_over_tcp(node.address, &question("maas", AXFR)).await;
    until_shown(&node, &["dns_transfers_total{outcome=\"sent\"} 1"]).await;
    let confirm = async {
        let mut bytes = [0; 512];
        loop {
            let (length, sender) = secondary.recv_from(&mut bytes).await.unwrap();
            bytes[2] |= 0x80;
            secondary.send_to(&bytes[..length], sender).await.unwrap();
        }
    };
    let counted = async {
        let mut looks = interval(Duration::from_millis(10));
        while node.figures().contains("dns_notifies_total{outcome=\"confirmed\"} 0") {
            looks.tick().await;
        }
    };
    tokio::select! {
        () = confirm => unreachable!("it goes on confirming"),
        counted = timeout(PATIENCE, counted) => counted.expect("what is confirmed is counted"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn transfers_that_break_off_are_counted() {
    let allow_transfer = vec!["127.0.0.1".to_owned()].try_into().unwrap();
    let node = Node::start(DnsSection { allow_transfer, ..DnsSection::default() }).await;
    // Several messages: what is sent to one who has hung up is noticed with the next one.
    for number in 0..400 {
        node.record(&format!("t{number}"), "TXT", &format!("\"{}\"", "x".repeat(250)));
    }
    let hang_up = async {
        while node.figures().contains("dns_transfers_total{outcome=\"failed\"} 0") {
            let mut stream = TcpStream::connect(node.address).await.unwrap();
            let question = question("maas", AXFR);
            let length = u16::try_from(question.len()).unwrap();
            stream.write_all(&[&length.to_be_bytes(), &question[..]].concat()).await.unwrap();
        }
    };
    timeout(PATIENCE, hang_up).await.expect("what breaks off is counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_a_secondary_cannot_be_told_of_are_counted() {
    // To broadcast, a socket needs leave that ours does not ask for: no such secondary is ever reached.
    let secondaries = vec![Upstream("255.255.255.255:53".parse().unwrap())];
    let node = Node::start(DnsSection { secondaries, ..DnsSection::default() }).await;
    let counted = |node: &Node, outcome: &str| {
        let none = format!("dns_notifies_total{{outcome=\"{outcome}\"}} 0");
        !node.figures().contains(&none)
    };
    let told = async {
        let mut looks = interval(Duration::from_millis(10));
        while !counted(&node, "failed") {
            looks.tick().await;
        }
    };
    timeout(PATIENCE, told).await.expect("what is given up is counted");
    assert!(!counted(&node, "confirmed"), "{}", node.figures());
}
