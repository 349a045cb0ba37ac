//! What one client can take of the forwarding: its share, and what is left goes to others.

use futures::poll;
use regent_api::dns::forward::Forwarder;
use regent_api::dns::question::{Reading, Transport, read};
use regent_api::dns::response::Forwarded;
use regent_api::dns_figures::DnsFigures;
use std::net::SocketAddr;
use std::task::Poll;
use tokio::net::UdpSocket;

const SERVFAIL: u8 = 2;

/// A question of a client about a name that only these servers know.
fn forwarded(client: &str, number: usize, server: SocketAddr) -> Forwarded {
    let header = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0".to_vec();
    let label = format!("n{number:06}");
    let request = [&header, &b"\x07"[..], label.as_bytes(), b"\x07example\0\0\x01\0\x01"].concat();
    let Reading::Question(question) = read(&request, Transport::Udp) else {
        panic!("it is a question")
    };
    let name = question.name.clone();
    let client = client.parse().unwrap();
    Forwarded { question, client, name, answer: None, servers: vec![server] }
}

/// How many of its questions a client gets under way with a server that never answers, and whether another client gets
/// one beside them.
async fn share_of(client: &str, other: &str) -> (usize, bool) {
    let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let server = silent.local_addr().unwrap();
    let (forwarder, figures) = (Forwarder::default(), DnsFigures::default());
    let questions: Vec<_> = (0..1000).map(|number| forwarded(client, number, server)).collect();
    let mut under_way = Vec::new();
    for question in &questions {
        let mut asking = Box::pin(forwarder.ask(question, &figures));
        match poll!(asking.as_mut()) {
            Poll::Pending => under_way.push(asking),
            Poll::Ready(answer) => assert_eq!(answer[3] & 0xF, SERVFAIL),
        }
    }
    assert_eq!(figures.forwarded_limited.get(), (questions.len() - under_way.len()) as u64);
    let other = forwarded(other, questions.len(), server);
    let goes_on = poll!(Box::pin(forwarder.ask(&other, &figures))).is_pending();
    (under_way.len(), goes_on)
}

#[tokio::test]
async fn client_with_its_share_of_forwarded_questions_under_way_is_told_at_once_and_others_go_on() {
    assert_eq!(share_of("10.0.0.1", "10.0.0.2").await, (64, true));
    assert_eq!(share_of("::ffff:10.0.0.1", "10.0.0.1").await, (64, false), "the same client");
}

#[tokio::test]
async fn ipv6_network_of_one_host_has_one_share() {
    assert_eq!(share_of("2001:db8::1", "2001:db8::2").await, (64, false));
    assert_eq!(share_of("2001:db8::1", "2001:db8:0:1::1").await, (64, true));
}

#[tokio::test]
async fn resolver_on_this_host_gets_more_and_not_all() {
    assert_eq!(share_of("127.0.0.1", "10.0.0.1").await, (768, true));
}
