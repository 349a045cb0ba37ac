//! Who is told of changes, and what a secondary that does not answer costs: nobody else anything.

use crate::node::Node;
use regent_api::dns::config::{DnsSection, Upstream};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);
/// Zones that are told at the same time; also named in the limits of the server.
const AT_ONCE: usize = 16;
/// Zones of the site: more than that.
const ZONES: usize = 20;

/// A secondary of ours that writes down what it is told.
struct Secondary(UdpSocket);

impl Secondary {
    async fn new() -> Self {
        Self(UdpSocket::bind("127.0.0.1:0").await.unwrap())
    }

    fn upstream(&self) -> Upstream {
        Upstream(self.0.local_addr().unwrap())
    }

    /// The names of as many different zones as wanted, confirmed or met with silence.
    async fn told(&self, zones: usize, confirms: bool) -> BTreeSet<Vec<u8>> {
        let mut told = BTreeSet::new();
        let mut bytes = [0; 512];
        while told.len() < zones {
            let (length, node) = self.0.recv_from(&mut bytes).await.unwrap();
            told.insert(bytes[12..length].to_vec());
            if confirms {
                bytes[2] |= 0x80;
                self.0.send_to(&bytes[..length], node).await.unwrap();
            }
        }
        told
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_secondary_is_told_of_many_zones_at_once_and_holds_up_nobody() {
    let (silent, other) = (Secondary::new().await, Secondary::new().await);
    let secondaries = vec![silent.upstream(), other.upstream()];
    let node = Node::start(DnsSection { secondaries, ..DnsSection::default() }).await;
    for zone in 0..ZONES {
        node.run(json!({ "Domain": { "Create": {
            "name": format!("zone{zone}.example"), "authoritative": true, "ttl": null,
            "forward_servers": [],
        } } }));
    }
    let both = async { tokio::join!(silent.told(AT_ONCE, false), other.told(ZONES, true)) };
    let (silent, other) = timeout(PATIENCE, both).await.expect("both are told in time");
    assert_eq!((silent.len(), other.len()), (AT_ONCE, ZONES));
}

#[tokio::test(flavor = "multi_thread")]
async fn zone_that_changes_while_it_is_told_is_told_again() {
    let secondary = Secondary::new().await;
    let secondaries = vec![secondary.upstream()];
    let node = Node::start(DnsSection { secondaries, ..DnsSection::default() }).await;
    // Founding made zones; each is told once and stays unconfirmed until the next change is there.
    timeout(PATIENCE, secondary.told(1, false)).await.expect("it is told");
    node.name("web", &["10.0.0.5"]);
    let mut confirmed = 0;
    let mut bytes = [0; 512];
    while confirmed < 2 {
        let received = timeout(PATIENCE, secondary.0.recv_from(&mut bytes)).await;
        let (length, node) = received.expect("it is told again").unwrap();
        confirmed += usize::from(bytes[12..length].starts_with(b"\x04maas\0"));
        bytes[2] |= 0x80;
        secondary.0.send_to(&bytes[..length], node).await.unwrap();
    }
}
