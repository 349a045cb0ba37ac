//! What a rack says first, and what a session begins with.

use crate::region_node::{RegionNode, soon, welcome};
use crate::site::Site;
use regent_core::id::NodeId;
use regent_core::lease::server::Incarnation;
use regent_core::time::ClusterTime;
use regent_proto::rack;
use regent_proto::rack::to_rack::Message;
use regent_rack_agent::region::interface::Interface;
use regent_rack_agent::region::situation::{Possessions, ViewPlace};
use regent_rack_agent::region::traffic::{Command, Event};
use regent_rack_agent::session::{FromRegion, Opened};

#[tokio::test]
async fn hello_says_who_the_rack_is_and_what_it_has() {
    let mut node = RegionNode::start();
    let _site = Site::at(&node.endpoint);
    let hello = node.visited().await.hello;
    let expected = rack::Hello {
        cluster_id: "c1".into(),
        system_id: "rack-a".into(),
        key: b"the-key-of-the-rack-is-a-secret!".as_slice().into(),
        life: Some(3),
        view: Some(rack::ViewPlace { epoch: 1, revision: 40 }),
        version: "1.2.3".into(),
        interfaces: vec![rack::Interface {
            name: "eth0".into(),
            mac_address: [2, 0, 0, 0, 0, 1].as_slice().into(),
            addresses: vec![rack::Prefix { address: 0x0a00_0002, length: 24 }],
        }],
    };
    assert!(hello == expected, "the hello is another one");
}

#[tokio::test]
async fn welcome_opens_a_session_with_the_numbers_of_the_region() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let _visit = node.welcomes().await;
    let opened =
        Opened { epoch: 1, rack: NodeId(4), life: Incarnation(3), now: ClusterTime(1_000) };
    assert_eq!(site.hears().await, FromRegion::Opened(opened));
}

#[tokio::test]
async fn next_hello_says_what_the_rack_has_by_then() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let first = node.welcomes().await;
    site.is_open().await;
    let possessions = Possessions {
        life: Some(Incarnation(9)),
        view: Some(ViewPlace { epoch: 2, revision: 50 }),
    };
    site.wants(Command::Have(possessions)).await;
    let lonely = Interface { name: "ib0".into(), mac_address: None, addresses: Vec::new() };
    site.wants(Command::Interfaces(vec![lonely])).await;
    site.wants(Command::HangUp).await;
    site.is_closed().await;
    drop(first);
    let hello = node.visited().await.hello;
    assert_eq!(hello.life, Some(9));
    assert_eq!(hello.view, Some(rack::ViewPlace { epoch: 2, revision: 50 }));
    assert_eq!(hello.interfaces.len(), 1);
    assert!(hello.interfaces[0].mac_address.is_empty());
}

#[tokio::test]
async fn node_of_another_cluster_is_left_for_one_of_the_racks_own() {
    let (mut strange, mut own) = (RegionNode::start(), RegionNode::start());
    let mut site = Site::with(&[&strange.endpoint, &own.endpoint]);
    let serving = async { own.welcomes().await };
    let lying = async {
        loop {
            let visit = strange.visited().await;
            let of_another = rack::Welcome { cluster_id: "c2".into(), ..welcome() };
            visit.say(Message::Welcome(of_another)).await;
        }
    };
    let _visit = tokio::select! {
        visit = serving => visit,
        () = lying => unreachable!("it lies for ever"),
    };
    site.is_open().await;
}

#[tokio::test]
async fn agent_is_told_of_nodes_when_their_addresses_change_and_not_when_their_load_does() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let visit = node.welcomes().await;
    site.is_open().await;
    let nodes = |first: &str, racks| {
        let of = |id, api: &str| rack::Node { id, api: api.into(), leads: id == 1, racks };
        Message::Nodes(rack::Nodes {
            nodes: vec![of(1, first), of(2, "r2:7440"), of(3, "nowhere")],
        })
    };
    visit.say(nodes("r1:7440", Some(4))).await;
    visit.say(nodes("r1:7440", Some(5))).await;
    visit.say(nodes("r9:7440", None)).await;
    let mut told = Vec::new();
    for _ in 0..2 {
        let Event::Nodes(nodes) = site.told().await else { panic!("something else was told") };
        let of = |node: &regent_rack_agent::region::node::Node| (node.api.to_string(), node.racks);
        told.push(nodes.iter().map(of).collect::<Vec<_>>());
    }
    let of = |first: &str, racks| vec![(first.to_owned(), racks), ("r2:7440".to_owned(), racks)];
    assert_eq!(told, [of("r1:7440", Some(4)), of("r9:7440", None)]);
}

#[tokio::test]
async fn link_that_is_stopped_leaves_its_node() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let mut visit = node.welcomes().await;
    site.is_open().await;
    soon(site.link.stop()).await;
    visit.is_left().await;
}
