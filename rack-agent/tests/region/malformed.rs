//! A node that says what makes no sense is left. Nothing it says stops the rack.

use crate::region_node::{RegionNode, welcome};
use crate::site::Site;
use regent_proto::rack;
use regent_proto::rack::to_rack::Message;

fn nonsense() -> Vec<(&'static str, Option<Message>)> {
    let fellow = |role| {
        let fellows = vec![rack::Fellow { role, ..rack::Fellow::default() }];
        Some(Message::Fellows(rack::Fellows { fellows }))
    };
    let to = |api: &str| Some(Message::Move(rack::Move { node: 2, api: api.into() }));
    vec![
        ("nothing at all", None),
        ("a second welcome", Some(Message::Welcome(welcome()))),
        ("a fellow without a role", fellow(0)),
        ("a fellow of an unknown role", fellow(77)),
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
