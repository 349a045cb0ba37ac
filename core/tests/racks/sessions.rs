//! Sessions of racks and their lives (rule R9).

use crate::region::Region;
use crate::site::{EAST, WEST, client, ip, key_of, served};
use regent_core::command::Command;
use regent_core::command::node::{NewNode, NodeCommand, NodePatch};
use regent_core::command::rack::RackCommand;
use regent_core::id::NodeId;
use regent_core::lease::server::Incarnation;
use regent_core::lease::terms::Terms;
use regent_core::model::node::NodeType;
use regent_core::time::{ClusterTime, Millis};

#[test]
fn rack_that_has_its_records_goes_on_in_its_life_and_one_without_begins_another() {
    let mut site = served();
    let first = site.session(EAST);
    let kept = site.open(EAST, Some(Incarnation(1))).unwrap();
    assert_eq!(kept.life, Incarnation(1));
    let lost = site.open(EAST, None).unwrap();
    assert_eq!(lost.life, Incarnation(3), "2 is the other rack's: no life has another's number");
    assert!(first < kept.session && kept.session < lost.session);
}

#[test]
fn records_of_another_life_than_the_present_one_are_refused() {
    let mut site = served();
    site.open(EAST, None).unwrap();
    for life in [0, 1, 2, 4] {
        let refused = site.open(EAST, Some(Incarnation(life))).unwrap_err();
        assert_eq!(refused.code(), "state_forbids", "life {life}");
    }
}

#[test]
fn what_comes_in_an_older_session_is_refused_as_a_whole() {
    let mut site = served();
    let older = site.session(EAST);
    let newer = site.open(EAST, Some(Incarnation(1))).unwrap().session;
    let commit = site.commit(ip(100), client(1));
    let refused = site.ask_in(EAST, older, vec![commit.clone()]).unwrap_err();
    assert_eq!(refused.code(), "rack_session_over");
    assert!(site.ask_in(EAST, newer, vec![commit]).is_ok());
}

#[test]
fn only_a_rack_controller_has_sessions_and_they_end_with_it() {
    let mut region = Region::founded();
    let (node_type, fields) = (NodeType::Machine, NodePatch::default());
    let new = NewNode { node_type, fields, interfaces: Vec::new() };
    region.run(Command::Node(Box::new(NodeCommand::Create(new)))).unwrap();
    let open = |rack| {
        let key = key_of(rack);
        Command::Rack(RackCommand::OpenSession { rack, life: None, key })
    };
    assert_eq!(region.run(open(NodeId(1))).unwrap_err().code(), "invalid");
    assert_eq!(region.run(open(NodeId(9))).unwrap_err().code(), "missing_reference");

    let mut site = served();
    let session = site.session(WEST);
    let delete = Command::Node(Box::new(NodeCommand::Delete { id: WEST }));
    site.region.run(delete).unwrap();
    let refused = site.ask_in(WEST, session, Vec::new()).unwrap_err();
    assert_eq!(refused.code(), "rack_session_over");
}

#[test]
fn life_that_is_over_is_remembered_as_long_as_something_it_gave_may_run() {
    let mut site = served();
    site.open(EAST, None).unwrap();
    assert_eq!(site.region.state.tables().rack_lives.len(), 3);
    site.pass(Millis(Terms::default().everything_over(ClusterTime(0)).0));
    assert_eq!(site.region.state.tables().rack_lives.len(), 2);
}
