//! What one client can take from others: neither their connections nor, under forged addresses, their line.

use crate::dig::dig;
use crate::node::Node;
use crate::skip::{has, skip};
use regent_api::dns::config::DnsSection;
use std::net::SocketAddr;
use tokio::net::{TcpSocket, TcpStream};

/// Connections a server has at most, over all clients.
const CONNECTIONS_MAX: u8 = 255;
/// Questions after which a limit of one a second must have been felt.
const QUESTIONS: usize = 60;

/// Opens a connection from a loopback address and says nothing on it.
async fn idle(from: [u8; 4], server: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    socket.connect(server).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_do_not_shut_others_out() {
    if !has("idle_connections_do_not_shut_others_out", "dig", "-v") {
        return;
    }
    let node = Node::start(DnsSection::default()).await;
    for one_host in [true, false] {
        let mut open = Vec::new();
        for number in 0..=CONNECTIONS_MAX {
            let host = if one_host { 1 } else { number.max(1) };
            open.push(idle([127, 7, 0, host], node.address).await);
        }
        let asked = dig(node.address, "maas SOA +tcp").await;
        assert_eq!(asked.answers().len(), 1, "one host: {one_host}\n{}", asked.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn network_beyond_its_limit_is_sent_to_tcp_and_served_there() {
    if !has("network_beyond_its_limit_is_sent_to_tcp_and_served_there", "dig", "-v") {
        return;
    }
    let allow_unlimited = Vec::new().try_into().unwrap();
    let config = DnsSection { answers_per_second: 1, allow_unlimited, ..DnsSection::default() };
    let node = Node::start(config).await;
    let mut told: Vec<bool> = Vec::new();
    while told.len() < QUESTIONS && told.last() != Some(&true) {
        let asked = dig(node.address, "maas SOA +ignore +tries=3 +time=1").await;
        told.push(asked.has_flag("tc"));
        assert_eq!(asked.answers().is_empty(), asked.has_flag("tc"), "{}", asked.text);
    }
    assert!(
        told.len() > 1 && told.last() == Some(&true),
        "the first is within the limit: {told:?}"
    );
    assert_eq!(dig(node.address, "maas SOA +tcp").await.answers().len(), 1);
}

/// Asks a node that listens on a wildcard at some of this host's addresses.
async fn assert_answered(wildcard: &str, addresses: &[&str]) {
    let node = Node::listening_on(wildcard, DnsSection::default()).await;
    for asked in addresses {
        let server = SocketAddr::new(asked.parse().unwrap(), node.address.port());
        // dig drops answers that come from another address than the one it asked.
        let answer = dig(server, "maas SOA +notcp").await;
        assert_eq!(answer.answers().len(), 1, "{asked} on {wildcard}: {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_comes_from_the_address_that_was_asked() {
    if !has("answer_comes_from_the_address_that_was_asked", "dig", "-v") {
        return;
    }
    assert_answered("0.0.0.0:0", &["127.0.0.2", "127.0.0.1"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_of_an_ipv6_socket_does_so_for_both_families() {
    let test = "answer_of_an_ipv6_socket_does_so_for_both_families";
    if !has(test, "dig", "-v") {
        return;
    }
    if std::net::UdpSocket::bind("[::1]:0").is_err() {
        return skip(test, "absent: IPv6 on this host");
    }
    assert_answered("[::]:0", &["::1", "127.0.0.2", "127.0.0.1"]).await;
}
