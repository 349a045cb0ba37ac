//! Sessions of racks and their lives (rule R9).

use crate::region::Region;
use crate::site::{EAST, WEST, ip, served};
use regent_core::command::Command;
use regent_core::command::node::{NewNode, NodeCommand, NodePatch};
use regent_core::command::rack::RackCommand;
use regent_core::id::NodeId;
use regent_core::lease::server::Incarnation;
use regent_core::model::node::NodeType;
use regent_core::model::rack_session::RackSession;

#[test]
fn rack_that_has_its_records_goes_on_in_its_life_and_one_without_begins_the_next() {
    let mut site = served();
    let kept = site.open(EAST, Some(Incarnation(1))).unwrap();
    assert_eq!((kept.incarnation, kept.session), (Incarnation(1), 2));
    let lost = site.open(EAST, None).unwrap();
    assert_eq!((lost.incarnation, lost.session), (Incarnation(2), 3));
}

#[test]
fn records_of_a_life_that_is_over_are_refused() {
    let mut site = served();
    site.open(EAST, None).unwrap();
    for life in [0, 1, 3] {
        let refused = site.open(EAST, Some(Incarnation(life))).unwrap_err();
        assert_eq!(refused.code(), "state_forbids", "life {life}");
    }
}

#[test]
fn what_comes_in_an_older_session_is_refused_as_a_whole() {
    let mut site = served();
    site.open(EAST, Some(Incarnation(1))).unwrap();
    let commit = site.commit(ip(100), crate::site::client(1));
    let refused = site.ask_in(EAST, 1, vec![commit.clone()]).unwrap_err();
    assert_eq!(refused.code(), "rack_session_over");
    assert!(site.ask_in(EAST, 2, vec![commit]).is_ok());
}

#[test]
fn only_a_rack_controller_has_sessions_and_they_go_with_it() {
    let mut region = Region::founded();
    let (node_type, fields) = (NodeType::Machine, NodePatch::default());
    let new = NewNode { node_type, fields, interfaces: Vec::new() };
    region.run(Command::Node(Box::new(NodeCommand::Create(new)))).unwrap();
    let open = |rack| Command::Rack(RackCommand::OpenSession { rack, incarnation: None });
    assert_eq!(region.run(open(NodeId(1))).unwrap_err().code(), "invalid");
    assert_eq!(region.run(open(NodeId(9))).unwrap_err().code(), "missing_reference");

    let mut site = served();
    let delete = Command::Node(Box::new(NodeCommand::Delete { id: WEST }));
    site.region.run(delete).unwrap();
    assert!(site.region.state.get::<RackSession>(&WEST).is_none());
}
