//! Who may open a session, and what liars and stammerers are told. None of them brings an entry into the log.

use crate::agent::{Agent, Line};
use crate::site::Site;
use bytes::Bytes;
use regent_api::grpc::limits::OPENING_MAX;
use regent_proto::rack::from_rack::Message as Said;
use regent_proto::rack::{Ask, GoodbyeCode, Heartbeat, Hello, Interface};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rack_is_welcomed_told_its_view_and_which_nodes_there_are() {
    let site = Site::start().await;
    let agent = site.rack("rack").await;
    site.served_by(&[&agent]).await;
    let (mut line, welcome) = agent.connect(site.node()).await;
    assert_eq!((welcome.rack, welcome.heartbeat_ms, welcome.node), (agent.number, 1000, 1));
    let view = line.view().await;
    assert!(view.whole && view.revision >= welcome.session);
    assert_eq!(view.vlans.len(), 1);
    let nodes = line.next_such(|told| match told {
        regent_proto::rack::to_rack::Message::Nodes(nodes) => Some(nodes.nodes),
        _ => None,
    });
    let nodes = nodes.await;
    assert_eq!((nodes[0].id, nodes[0].leads), (1, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_not_who_he_says_is_told_so_and_opens_nothing() {
    let site = Site::start().await;
    let Agent { hello, .. } = site.rack("rack").await;
    let cases = [
        (Hello { cluster_id: "other".into(), ..hello.clone() }, GoodbyeCode::GoodbyeOtherCluster),
        (Hello { key: Bytes::from(vec![1; 32]), ..hello.clone() }, GoodbyeCode::GoodbyeUnknownRack),
        (Hello { system_id: "abcdef".into(), ..hello.clone() }, GoodbyeCode::GoodbyeUnknownRack),
        (Hello { key: Bytes::new(), ..hello.clone() }, GoodbyeCode::GoodbyeMalformed),
        (Hello { system_id: "No rack".into(), ..hello.clone() }, GoodbyeCode::GoodbyeMalformed),
        (Hello { version: "v".repeat(200), ..hello.clone() }, GoodbyeCode::GoodbyeMalformed),
        (
            Hello { interfaces: vec![Interface::default(); 513], ..hello },
            GoodbyeCode::GoodbyeMalformed,
        ),
    ];
    for (hello, code) in cases {
        let mut line = Line::open(site.node()).await;
        line.say(Said::Hello(hello)).await;
        line.ends_with(code).await;
    }
    assert!(site.node().region.published().state.tables().rack_lives.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racks_of_another_cluster_wait_for_nobody() {
    let site = Site::start().await;
    let Agent { hello, .. } = site.rack("rack").await;
    let mut turns = Vec::new();
    for _ in 0..OPENING_MAX {
        turns.push(site.node().racks.shared().admission.turn().await.unwrap());
    }
    let mut line = Line::open(site.node()).await;
    line.say(Said::Hello(Hello { cluster_id: "other".into(), ..hello })).await;
    line.ends_with(GoodbyeCode::GoodbyeOtherCluster).await;
    drop(turns);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stream_that_does_not_begin_with_a_hello_ends() {
    let site = Site::start().await;
    for first in [Said::Heartbeat(Heartbeat::default()), Said::Ask(Ask::default())] {
        let mut line = Line::open(site.node()).await;
        line.say(first).await;
        line.ends_with(GoodbyeCode::GoodbyeMalformed).await;
    }
    let mut line = Line::open(site.node()).await;
    line.mumble().await;
    line.ends_with(GoodbyeCode::GoodbyeMalformed).await;
    let mut line = Line::open(site.node()).await;
    line.say(Said::Hello(Hello { version: "v".repeat(1 << 20), ..Hello::default() })).await;
    line.ends_with(GoodbyeCode::GoodbyeMalformed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rack_with_records_of_a_life_that_is_over_has_to_begin_another() {
    let site = Site::start().await;
    let agent = site.rack("rack").await;
    let (_first, welcome) = agent.connect(site.node()).await;
    let life = welcome.life;
    let (_same, welcome) = agent.with_life(life).connect(site.node()).await;
    assert_eq!(welcome.life, life);
    let (_without, welcome) = agent.connect(site.node()).await;
    assert_ne!(welcome.life, life);
    let mut line = Line::open(site.node()).await;
    line.say(Said::Hello(agent.with_life(life).hello)).await;
    line.ends_with(GoodbyeCode::GoodbyeLifeOver).await;
}
