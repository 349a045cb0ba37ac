//! A real secondary: BIND takes a zone and follows its changes when told.

use crate::named::{Named, free_port};
use crate::node::Node;
use crate::skip::has;
use regent_api::dns::config::{DnsSection, Upstream};

#[tokio::test(flavor = "multi_thread")]
async fn bind_as_secondary_follows_changes() {
    let test = "bind_as_secondary_follows_changes";
    if !has(test, "dig", "-v") || !has(test, "named", "-V") {
        return;
    }
    let listen = free_port();
    let config = DnsSection {
        allow_transfer: vec!["127.0.0.1".to_owned()].try_into().unwrap(),
        secondaries: vec![Upstream(listen)],
        ..DnsSection::default()
    };
    let node = Node::start(config).await;
    node.name("web", &["10.0.0.5"]);
    let named = Named::start(listen, &[node.address]);
    named.until_answered("web.maas A", "10.0.0.5").await;
    // The refresh time is ten minutes: only a notification brings these in time.
    for last in 10..15 {
        node.name(&format!("new{last}"), &[&format!("10.0.0.{last}")]);
        named.until_answered(&format!("new{last}.maas A"), &format!("10.0.0.{last}")).await;
    }
    let serial = node.serial("maas").to_string();
    named.until_answered("maas SOA", &format!(" {serial} ")).await;
    named.stop().await;
}
