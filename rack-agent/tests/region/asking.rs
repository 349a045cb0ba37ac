//! Questions of the rack: one at a time, each answered or of known fate, none carried over to another session.

use crate::region_node::RegionNode;
use crate::site::{NOW, Site, quick};
use regent_core::command::rack::LeaseStep;
use regent_core::outcome::LeaseAnswer;
use regent_core::time::ClusterTime;
use regent_proto::lease::answers::{Answers, Applied, Failure, Fate};
use regent_proto::lease::{answers, ask};
use regent_proto::rack::to_rack::Message;
use regent_rack_agent::region::pace::Pace;
use regent_rack_agent::region::traffic::Command;
use regent_rack_agent::session::{Answered, Ask, FromRegion, NoAnswer};
use std::net::Ipv4Addr;
use std::time::Duration;

fn question(id: u64) -> Ask {
    let first = Ipv4Addr::new(10, 0, 0, 100).into();
    Ask { id, steps: vec![LeaseStep::Adopted, LeaseStep::Extend { first }] }
}

fn answer(id: u64, count: usize) -> Message {
    let answers = vec![LeaseAnswer::Done; count];
    let result = Ok(Applied { now: ClusterTime(2_000), answers });
    Message::Answers(answers::write(&Answers { id, result }).unwrap())
}

fn failure(id: u64, fate: Fate) -> Message {
    let result = Err(Failure { fate, text: "no leader".into() });
    Message::Answers(answers::write(&Answers { id, result }).unwrap())
}

fn answered(id: u64, result: Result<(ClusterTime, Vec<LeaseAnswer>), NoAnswer>) -> FromRegion {
    FromRegion::Answered(Answered { id, at: NOW, result })
}

#[tokio::test]
async fn question_goes_out_as_it_is_and_its_answer_comes_back() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let mut visit = node.welcomes().await;
    site.is_open().await;
    site.asks(question(1)).await;
    let asked = ask::read(visit.is_asked().await).unwrap();
    assert_eq!(asked, (1, question(1).steps));
    visit.say(answer(1, 2)).await;
    let done = vec![LeaseAnswer::Done; 2];
    assert_eq!(site.hears().await, answered(1, Ok((ClusterTime(2_000), done))));
}

#[tokio::test]
async fn failure_says_whether_anything_may_have_been_done() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let mut visit = node.welcomes().await;
    site.is_open().await;
    for (id, fate, told) in
        [(1, Fate::NotDone, NoAnswer::NotDone), (2, Fate::Unknown, NoAnswer::Unknown)]
    {
        site.asks(question(id)).await;
        visit.is_asked().await;
        visit.say(failure(id, fate)).await;
        assert_eq!(site.hears().await, answered(id, Err(told)));
    }
}

#[tokio::test]
async fn question_without_an_answer_in_time_counts_as_unknown_and_the_session_is_over() {
    let mut node = RegionNode::start();
    let pace = Pace { answer: Duration::from_millis(30), ..quick() };
    let mut site = Site::at_pace(pace, &[&node.endpoint]);
    let mut visit = node.welcomes().await;
    site.is_open().await;
    site.asks(question(1)).await;
    visit.is_asked().await;
    assert_eq!(site.hears().await, answered(1, Err(NoAnswer::Unknown)));
    site.is_closed().await;
    let _next = node.welcomes().await;
    site.is_open().await;
    visit.is_left().await;
}

#[test]
fn a_question_is_given_five_seconds_as_shipped() {
    assert_eq!(Pace::default().answer, Duration::from_secs(5));
}

#[tokio::test]
async fn question_of_a_session_that_is_over_is_not_asked_in_the_next() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let first = node.welcomes().await;
    site.is_open().await;
    let over = site.tag;
    drop(first);
    site.is_closed().await;
    let mut second = node.welcomes().await;
    site.is_open().await;
    site.wants(Command::Ask(over, question(8))).await;
    site.asks(question(9)).await;
    assert_eq!(second.is_asked().await.id, 9);
}

#[tokio::test]
async fn second_question_at_a_time_and_one_that_cannot_be_sent_are_surely_not_done() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let mut visit = node.welcomes().await;
    site.is_open().await;
    let first = "2001:db8::1".parse().unwrap();
    site.asks(Ask { id: 1, steps: vec![LeaseStep::Extend { first }] }).await;
    assert_eq!(site.hears().await, answered(1, Err(NoAnswer::NotDone)));
    site.asks(question(2)).await;
    assert_eq!(visit.is_asked().await.id, 2);
    site.asks(question(3)).await;
    assert_eq!(site.hears().await, answered(3, Err(NoAnswer::NotDone)));
    visit.say(answer(2, 2)).await;
    assert!(matches!(site.hears().await, FromRegion::Answered(Answered { id: 2, .. })));
}

#[tokio::test]
async fn answers_that_do_not_fit_the_question_end_the_session() {
    for wrong in [answer(1, 1), answer(1, 3), answer(2, 2)] {
        let mut node = RegionNode::start();
        let mut site = Site::at(&node.endpoint);
        let mut visit = node.welcomes().await;
        site.is_open().await;
        site.asks(question(1)).await;
        visit.is_asked().await;
        visit.say(wrong).await;
        site.is_closed().await;
    }
}
