//! One session a rack: wherever the next one is opened, the one before it ends. And a node that stops sends its racks away.

use crate::agent::Line;
use crate::site::{Site, VLAN};
use regent_api::grpc::limits::OPENED_BURST_MAX;
use regent_proto::rack::GoodbyeCode;
use regent_proto::rack::from_rack::Message as Said;
use std::net::Ipv4Addr;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn next_session_ends_the_one_before_it_at_the_same_node_and_at_another() {
    let site = Site::of(2).await;
    let agent = site.rack("rack").await;
    let (mut first, welcome) = agent.connect(&site.nodes[0]).await;
    let agent = agent.with_life(welcome.life);
    let (mut second, _) = agent.connect(&site.nodes[0]).await;
    first.ends_with(GoodbyeCode::GoodbyeReplaced).await;
    let (mut third, _) = agent.connect(&site.nodes[1]).await;
    second.ends_with(GoodbyeCode::GoodbyeReplaced).await;
    assert!(third.view().await.whole, "the last one goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rack_that_opens_sessions_without_end_is_sent_elsewhere_and_no_other_is() {
    let site = Site::start().await;
    let (agent, other) = (site.rack("rack").await, site.rack("other").await);
    for _ in 0..OPENED_BURST_MAX {
        agent.connect(site.node()).await;
    }
    let opened = || {
        let published = site.node().region.published();
        let lives = published.state.tables().rack_lives.iter();
        lives.map(|(_, row)| row.value.session).collect::<Vec<_>>()
    };
    let before = opened();
    let mut line = Line::open(site.node()).await;
    line.say(Said::Hello(agent.hello.clone())).await;
    let goodbye = line.goodbye().await;
    assert_eq!(goodbye.code(), GoodbyeCode::GoodbyeElsewhere, "{}", goodbye.text);
    assert!((1..=2_000).contains(&goodbye.retry_after_ms), "{}", goodbye.retry_after_ms);
    assert_eq!(opened(), before, "nothing came into the log");
    other.connect(site.node()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rack_that_is_removed_loses_its_session() {
    let site = Site::start().await;
    let agent = site.rack("rack").await;
    let (mut line, _) = agent.connect(site.node()).await;
    let path = format!("/v1/controllers/{}", agent.hello.system_id);
    site.admin("DELETE", &path, serde_json::Value::Null).await;
    line.ends_with(GoodbyeCode::GoodbyeLifeOver).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rack_that_says_nothing_for_five_heartbeats_is_let_go() {
    let site = Site::start().await;
    let agent = site.rack("rack").await;
    let (mut line, _) = agent.connect(site.node()).await;
    line.ends_with(GoodbyeCode::GoodbyeSlow).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_that_stops_sends_its_racks_elsewhere() {
    let site = Site::start().await;
    let agent = site.rack("rack").await;
    let (mut line, _) = agent.connect(site.node()).await;
    let (goodbye, ()) = tokio::join!(line.goodbye(), site.node().racks.stop());
    assert_eq!(goodbye.code(), GoodbyeCode::GoodbyeElsewhere);
    assert!(goodbye.retry_after_ms <= 1000);
    let note = site.node().context.racks.note();
    assert_eq!(note.connected, None, "racks would be sent to a node that looks empty");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_that_is_cut_off_from_the_majority_sends_its_racks_elsewhere() {
    let site = Site::of(2).await;
    let agent = site.rack("rack").await;
    let (mut line, _) = agent.connect(&site.nodes[1]).await;
    let _beats = line.beating(VLAN, Ipv4Addr::LOCALHOST);
    site.nodes[0].region.stop().await;
    line.ends_with(GoodbyeCode::GoodbyeNoQuorum).await;
    let mut other = Line::open(&site.nodes[1]).await;
    other.say(Said::Hello(agent.hello)).await;
    other.ends_with(GoodbyeCode::GoodbyeNoQuorum).await;
}
