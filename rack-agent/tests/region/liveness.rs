//! Heartbeats, silence, and nodes that are gone or do not answer.

use crate::region_node::{RegionNode, Visit, soon, welcome};
use crate::site::{Site, quick};
use regent_core::id::VlanId;
use regent_proto::rack;
use regent_proto::rack::from_rack::Message as FromRack;
use regent_proto::rack::to_rack::Message;
use regent_rack_agent::region::conversation::{Conversation, SILENT_HEARTBEATS_MAX};
use regent_rack_agent::region::end::End;
use regent_rack_agent::region::pace::Pace;
use regent_rack_agent::region::traffic::Command;
use regent_rack_agent::session::{Beat, VlanService};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;

const HEARTBEAT_MS: u32 = 20;

async fn welcomes_quickly(node: &mut RegionNode) -> Visit {
    let visit = node.visited().await;
    let quick = rack::Welcome { heartbeat_ms: HEARTBEAT_MS, ..welcome() };
    visit.say(Message::Welcome(quick)).await;
    visit
}

fn beat(applied_revision: u64) -> Beat {
    let served = VlanService {
        vlan: VlanId(5),
        server_id: Some("10.0.0.2".parse().unwrap()),
        trouble: None,
    };
    let idle = VlanService {
        vlan: VlanId(6),
        server_id: None,
        trouble: Some("no address on this VLAN".into()),
    };
    Beat { applied_revision, backlog: 3, vlans: vec![served, idle] }
}

#[tokio::test]
async fn heartbeats_say_how_the_rack_is() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let mut visit = welcomes_quickly(&mut node).await;
    site.is_open().await;
    site.wants(Command::Beat(beat(41))).await;
    let served = rack::VlanService {
        vlan: 5,
        server_id: Some(0x0a00_0002),
        live: true,
        trouble: String::new(),
    };
    let idle = rack::VlanService {
        vlan: 6,
        server_id: None,
        live: false,
        trouble: "no address on this VLAN".into(),
    };
    let expected = rack::Heartbeat { applied_revision: 41, backlog: 3, vlans: vec![served, idle] };
    assert_eq!(visit.hears().await, FromRack::Heartbeat(expected));
}

#[test]
fn a_rack_that_stands_still_sends_no_heartbeats() {
    let (pace, begun) = (Pace::default(), Instant::now());
    let mut conversation = Conversation::new(pace, Duration::from_secs(1), begun);
    let beats_at = |conversation: &mut Conversation, secs| {
        let news = beat(41);
        conversation.beat(begun + Duration::from_secs(secs), Some((begun, &news))).is_some()
    };
    assert!((0..=3).all(|secs| beats_at(&mut conversation, secs)));
    assert!(!(4..=6).any(|secs| beats_at(&mut conversation, secs)));
}

#[test]
fn five_heartbeats_of_silence_end_a_session_and_no_fewer() {
    let (heartbeat, begun) = (Duration::from_secs(1), Instant::now());
    let mut conversation = Conversation::new(Pace::default(), heartbeat, begun);
    let silent = heartbeat * SILENT_HEARTBEATS_MAX;
    let early = begun + silent - Duration::from_millis(1);
    assert_eq!(conversation.overdue(early, crate::site::NOW), None);
    let ended = conversation.overdue(begun + silent, crate::site::NOW);
    assert_eq!(ended, Some((None, End::Silent)));
    assert_eq!(SILENT_HEARTBEATS_MAX, 5);
}

#[tokio::test]
async fn silent_node_is_left_for_another_one() {
    let (mut silent, mut other) = (RegionNode::start(), RegionNode::start());
    let mut site = Site::at(&silent.endpoint);
    let mut visit = welcomes_quickly(&mut silent).await;
    site.is_open().await;
    visit.say(nodes(&[&silent, &other])).await;
    site.told().await;
    site.is_closed().await;
    visit.is_left().await;
    let _visit = other.welcomes().await;
    site.is_open().await;
}

#[tokio::test]
async fn node_that_takes_a_connection_and_never_welcomes_is_given_up() {
    let mut node = RegionNode::start();
    let pace = Pace { welcome: Duration::from_millis(50), ..quick() };
    let mut site = Site::at_pace(pace, &[&node.endpoint]);
    let mut unanswered = node.visited().await;
    let _visit = node.welcomes().await;
    site.is_open().await;
    unanswered.is_left().await;
}

#[tokio::test]
async fn node_that_stands_still_is_given_up_although_its_kernel_takes_connections() {
    let still = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = still.local_addr().unwrap().to_string().parse().unwrap();
    let millis = Duration::from_millis;
    let welcome = Duration::from_secs(3_600);
    let pace = Pace { ping: millis(20), pong: millis(50), welcome, ..quick() };
    let _site = Site::at_pace(pace, &[&endpoint]);
    let _unread = soon(still.accept()).await.unwrap();
    let _next = soon(still.accept()).await.unwrap();
}

#[tokio::test]
async fn session_is_elsewhere_within_a_second_after_its_node_was_killed() {
    let (mut first, mut second) = (RegionNode::start(), RegionNode::start());
    let mut site = Site::at_pace(Pace::default(), &[&first.endpoint]);
    let visit = first.welcomes().await;
    site.is_open().await;
    visit.say(nodes(&[&first, &second])).await;
    site.told().await;
    let killed = Instant::now();
    first.kill();
    site.is_closed().await;
    let _visit = second.welcomes().await;
    site.is_open().await;
    assert!(killed.elapsed() < Duration::from_secs(1), "it took {:?}", killed.elapsed());
}

/// Tells of these nodes.
fn nodes(nodes: &[&RegionNode]) -> Message {
    let of = |(id, node): (u64, &&RegionNode)| rack::Node {
        id,
        api: node.endpoint.to_string(),
        leads: false,
        racks: Some(1),
    };
    Message::Nodes(rack::Nodes { nodes: (1..).zip(nodes).map(of).collect() })
}
