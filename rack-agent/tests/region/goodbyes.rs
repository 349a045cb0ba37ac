//! What a rack does when a node says goodbye, by the reason it gives.

use crate::region_node::{RegionNode, soon};
use crate::site::{Site, quick, situation};
use regent_proto::rack;
use regent_proto::rack::GoodbyeCode as Code;
use regent_proto::rack::to_rack::Message;
use regent_rack_agent::region::goodbye::{Consequence, Goodbye};
use regent_rack_agent::region::pace::Pace;
use regent_rack_agent::region::traffic::{Command, Event};
use std::time::{Duration, Instant};

fn goodbye(code: Code, retry_after_ms: u32) -> Message {
    Message::Goodbye(rack::Goodbye { code: code.into(), text: "so it is".into(), retry_after_ms })
}

#[test]
fn every_reason_has_its_consequence() {
    let of = |code| {
        let goodbye = Goodbye { code, text: String::new(), retry_after: Duration::ZERO };
        goodbye.consequence()
    };
    for code in
        [Code::GoodbyeUnspecified, Code::GoodbyeElsewhere, Code::GoodbyeSlow, Code::GoodbyeNoQuorum]
    {
        assert_eq!(of(code), Consequence::Elsewhere);
    }
    assert_eq!(of(Code::GoodbyeReplaced), Consequence::Yield);
    assert_eq!(of(Code::GoodbyeMalformed), Consequence::Later);
    assert_eq!(of(Code::GoodbyeLifeOver), Consequence::AnotherLife);
    for (code, advice) in
        [(Code::GoodbyeOtherCluster, "`regions`"), (Code::GoodbyeUnknownRack, "token create rack")]
    {
        let Consequence::Stop(told) = of(code) else { panic!("{code:?} is for people") };
        assert!(told.contains(advice), "{told}");
    }
}

#[tokio::test]
async fn node_that_is_full_is_left_for_another_one_until_it_wants_to_be_asked_again() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let first = node.visited().await;
    let told = Instant::now();
    first.say(goodbye(Code::GoodbyeElsewhere, 300)).await;
    let _second = node.welcomes().await;
    assert!(told.elapsed() >= Duration::from_millis(300), "it came back at once");
    site.is_open().await;
}

#[tokio::test]
async fn goodbye_in_an_open_session_ends_it_and_any_reason_is_survived() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    for code in [
        i32::from(Code::GoodbyeUnspecified),
        Code::GoodbyeElsewhere.into(),
        Code::GoodbyeReplaced.into(),
        Code::GoodbyeOtherCluster.into(),
        Code::GoodbyeUnknownRack.into(),
        Code::GoodbyeLifeOver.into(),
        Code::GoodbyeMalformed.into(),
        Code::GoodbyeSlow.into(),
        Code::GoodbyeNoQuorum.into(),
        99,
        -1,
    ] {
        let visit = node.welcomes().await;
        site.is_open().await;
        let text = "so it is".into();
        visit.say(Message::Goodbye(rack::Goodbye { code, text, retry_after_ms: 0 })).await;
        site.is_closed().await;
    }
}

#[tokio::test]
async fn rack_that_is_pushed_out_comes_back_soon_and_the_second_time_later() {
    let mut node = RegionNode::start();
    let millis = Duration::from_millis;
    let pace = Pace { replaced: millis(20), replaced_again: millis(600), ..quick() };
    let mut site = Site::at_pace(pace, &[&node.endpoint]);
    let mut visit = node.welcomes().await;
    site.is_open().await;
    // At least a half of each pause, by chance.
    for (pause, is_again) in [(millis(10), false), (millis(300), true), (millis(300), true)] {
        let told = Instant::now();
        visit.say(goodbye(Code::GoodbyeReplaced, 0)).await;
        if is_again {
            assert_eq!(site.told().await, Event::Rival, "before it counts as cut off");
        }
        site.is_closed().await;
        visit = node.welcomes().await;
        site.is_open().await;
        assert!(told.elapsed() >= pause, "it pushed back after {:?}", told.elapsed());
    }
}

#[test]
fn a_rack_that_was_pushed_out_by_its_own_late_session_is_back_in_a_second() {
    assert_eq!(Pace::default().replaced, Duration::from_secs(1));
    // The region tries for five.
    assert!(Pace::default().welcome > Duration::from_secs(5));
}

#[tokio::test]
async fn life_that_is_over_is_never_spoken_of_again() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    let first = node.visited().await;
    assert_eq!(first.hello.life, Some(3));
    // The agent does not know yet, and goes on to say what it has.
    site.wants(Command::Have(situation().possessions)).await;
    first.say(goodbye(Code::GoodbyeLifeOver, 0)).await;
    let second = node.welcomes().await;
    assert_eq!(second.hello.life, None);
    site.is_open().await;
    site.wants(Command::Have(situation().possessions)).await;
    drop(second);
    site.is_closed().await;
    assert_eq!(node.visited().await.hello.life, None);
}

#[tokio::test]
async fn link_gives_up_when_nodes_go_on_to_say_that_they_do_not_know_the_rack() {
    for (code, advice) in
        [(Code::GoodbyeUnknownRack, "join again"), (Code::GoodbyeOtherCluster, "correct `regions`")]
    {
        let mut node = RegionNode::start();
        let mut site = Site::at(&node.endpoint);
        for _verdict in 0..5 {
            node.visited().await.say(goodbye(code, 0)).await;
        }
        let Event::Stopped(told) = site.told().await else { panic!("something else was told") };
        assert!(told.contains(advice) && told.contains("so it is"), "{told}");
        soon(site.link.commands().closed()).await;
        assert!(node.has_no_visitor());
    }
}

#[tokio::test]
async fn node_that_has_not_heard_of_the_rack_yet_is_asked_again() {
    let mut node = RegionNode::start();
    let mut site = Site::at(&node.endpoint);
    for _lagging in 0..4 {
        node.visited().await.say(goodbye(Code::GoodbyeUnknownRack, 0)).await;
    }
    let visit = node.welcomes().await;
    site.is_open().await;
    drop(visit);
    site.is_closed().await;
    for _lagging in 0..4 {
        node.visited().await.say(goodbye(Code::GoodbyeUnknownRack, 0)).await;
    }
    let _visit = node.welcomes().await;
    site.is_open().await;
}

#[tokio::test]
async fn nodes_of_another_region_do_not_make_the_link_give_up_while_its_own_are_out_of_reach() {
    let (mut old, own) = (RegionNode::start(), "127.0.0.1:1".parse().unwrap());
    let mut site = Site::with(&[&old.endpoint, &own]);
    for _verdict in 0..12 {
        old.visited().await.say(goodbye(Code::GoodbyeOtherCluster, 0)).await;
    }
    assert!(site.is_told_nothing());
    let _visit = old.welcomes().await;
    site.is_open().await;
}
