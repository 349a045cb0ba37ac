//! A node that says what makes no sense is left. Nothing it says stops the rack.

use crate::region_node::{RegionNode, welcome};
use crate::site::Site;
use proptest::prelude::{any, prop, proptest};
use prost::Message as _;
use regent_proto::rack;
use regent_proto::rack::to_rack::Message;
use regent_rack_agent::region::conversation::Conversation;
use regent_rack_agent::region::pace::Pace;
use std::time::{Duration, Instant};

fn nonsense() -> Vec<(&'static str, Option<Message>)> {
    let to = |api: &str| Some(Message::Move(rack::Move { node: 2, api: api.into() }));
    vec![
        ("nothing at all", None),
        ("a second welcome", Some(Message::Welcome(welcome()))),
        ("a move to nowhere", to("nowhere")),
        ("a move to an empty address", to("")),
        ("an answer to no question", Some(Message::Answers(rack::Answers::default()))),
    ]
}

#[tokio::test]
async fn session_in_which_a_node_says_what_makes_no_sense_is_over_and_the_next_one_is_good() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    for (what, message) in nonsense() {
        let mut visit = node.welcomes().await;
        site.is_open().await;
        visit.say_raw(rack::ToRack { message }).await;
        assert_eq!(site.hears().await, regent_rack_agent::session::FromRegion::Closed, "{what}");
        visit.is_left().await;
    }
    let _visit = node.welcomes().await;
    site.is_open().await;
}

#[tokio::test]
async fn node_that_begins_with_anything_but_a_welcome_opens_no_session() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let hasty = |heartbeat_ms| Message::Welcome(rack::Welcome { heartbeat_ms, ..welcome() });
    let first = [
        None,
        Some(hasty(0)),
        Some(hasty(19)),
        Some(hasty(60_001)),
        Some(Message::Nodes(rack::Nodes::default())),
        Some(Message::View(rack::View::default())),
        Some(Message::Fellows(rack::Fellows::default())),
        Some(Message::Answers(rack::Answers::default())),
    ];
    for message in first {
        let mut visit = node.visited().await;
        visit.say_raw(rack::ToRack { message }).await;
        visit.is_left().await;
    }
    let _visit = node.welcomes().await;
    site.is_open().await;
}

fn sensible() -> Vec<Message> {
    let node = rack::Node { id: 1, api: "r1:7440".into(), leads: true, racks: Some(3) };
    let fellow = rack::Fellow { vlan: 5, place: 1, ..rack::Fellow::default() };
    let lease = rack::LeaseChange { vlan: 5, address: 1, lease: Some(rack::Lease::default()) };
    let view = rack::View {
        epoch: 1,
        revision: 41,
        vlans: vec![rack::Vlan { id: 5, ..rack::Vlan::default() }],
        leases: vec![lease],
        ..rack::View::default()
    };
    let refused = rack::Refusal { code: 1, until: Some(9), ..rack::Refusal::default() };
    let answer = rack::Answer { answer: Some(rack::answer::Answer::Refused(refused)) };
    let answers = rack::Answers { id: 1, answers: vec![answer], ..rack::Answers::default() };
    vec![
        Message::Welcome(welcome()),
        Message::View(view),
        Message::Nodes(rack::Nodes { nodes: vec![node] }),
        Message::Fellows(rack::Fellows { fellows: vec![fellow] }),
        Message::Answers(answers),
        Message::Move(rack::Move { node: 2, api: "r2:7440".into() }),
        Message::Goodbye(rack::Goodbye { code: 1, text: "so it is".into(), retry_after_ms: 5 }),
    ]
}

proptest! {
    #[test]
    fn whatever_becomes_of_a_message_on_its_way_stops_no_rack(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let message = which.get(&sensible()).clone();
        let mut bytes = rack::ToRack { message: Some(message) }.encode_to_vec();
        for (place, octet) in changes {
            let length = bytes.len();
            bytes[place.index(length)] = octet;
        }
        let now = Instant::now();
        let mut conversation = Conversation::new(Pace::default(), Duration::from_secs(1), now);
        if let Ok(message) = rack::ToRack::decode(bytes.as_slice()) {
            // What comes of it is not known; it must come to something.
            let _ = conversation.hear(now, crate::site::NOW, message);
        }
        assert!(conversation.wakes() >= now);
    }
}
