//! A rack goes on at another node because it is asked to.

use crate::region_node::{RegionNode, Visit};
use crate::site::{NOW, Site};
use regent_core::command::rack::LeaseStep;
use regent_core::outcome::LeaseAnswer;
use regent_core::time::ClusterTime;
use regent_proto::lease::answers;
use regent_proto::lease::answers::{Answers, Applied};
use regent_proto::rack;
use regent_proto::rack::GoodbyeCode;
use regent_proto::rack::to_rack::Message;
use regent_rack_agent::endpoint::Endpoint;
use regent_rack_agent::session::{Answered, Ask, FromRegion};

async fn is_sent_to(visit: &Visit, endpoint: &Endpoint) {
    visit.say(Message::Move(rack::Move { node: 2, api: endpoint.to_string() })).await;
}

fn answer(id: u64) -> Message {
    let result = Ok(Applied { now: ClusterTime(2_000), answers: vec![LeaseAnswer::Done] });
    Message::Answers(answers::write(&Answers { id, result }).unwrap())
}

#[tokio::test]
async fn next_session_is_open_before_the_last_one_is_left() {
    let (mut first, mut second) = (RegionNode::start(), RegionNode::start());
    let mut site = Site::at(&first.endpoint);
    let mut before = first.welcomes().await;
    site.is_open().await;
    let tag = site.tag;
    is_sent_to(&before, &second.endpoint).await;
    let after = second.visited().await;
    assert!(site.is_told_nothing(), "the session goes on until there is another one");
    after.say(Message::Welcome(crate::region_node::welcome())).await;
    site.is_open().await;
    assert!(site.tag > tag);
    before.is_left().await;
}

#[tokio::test]
async fn question_is_answered_before_the_rack_moves() {
    let (mut first, mut second) = (RegionNode::start(), RegionNode::start());
    let mut site = Site::at(&first.endpoint);
    let mut before = first.welcomes().await;
    site.is_open().await;
    site.asks(Ask { id: 1, steps: vec![LeaseStep::Adopted] }).await;
    before.is_asked().await;
    is_sent_to(&before, &second.endpoint).await;
    // What is said now comes after the wish to move, and is heard here.
    before.say(Message::Fellows(rack::Fellows::default())).await;
    assert_eq!(site.hears().await, FromRegion::Fellows(Vec::new()));
    before.say(answer(1)).await;
    let result = Ok((ClusterTime(2_000), vec![LeaseAnswer::Done]));
    assert_eq!(site.hears().await, FromRegion::Answered(Answered { id: 1, at: NOW, result }));
    let _after = second.welcomes().await;
    site.is_open().await;
}

#[tokio::test]
async fn rack_stays_where_it_is_if_the_other_node_is_not_there() {
    let (mut first, second) = (RegionNode::start(), RegionNode::start());
    let mut site = Site::at(&first.endpoint);
    let mut visit = first.welcomes().await;
    site.is_open().await;
    let gone = second.endpoint.clone();
    second.kill();
    is_sent_to(&visit, &gone).await;
    for id in 1..20 {
        site.asks(Ask { id, steps: vec![LeaseStep::Adopted] }).await;
        visit.is_asked().await;
        visit.say(answer(id)).await;
        assert!(matches!(site.hears().await, FromRegion::Answered(_)));
    }
}

#[tokio::test]
async fn node_that_does_not_want_the_rack_after_all_sends_it_back() {
    let (mut first, mut second) = (RegionNode::start(), RegionNode::start());
    let mut site = Site::at(&first.endpoint);
    let visit = first.welcomes().await;
    site.is_open().await;
    is_sent_to(&visit, &second.endpoint).await;
    let code = GoodbyeCode::GoodbyeElsewhere.into();
    let full = rack::Goodbye { code, text: "full".into(), retry_after_ms: 0 };
    second.visited().await.say(Message::Goodbye(full)).await;
    site.is_closed().await;
    let _again = first.welcomes().await;
    site.is_open().await;
}
