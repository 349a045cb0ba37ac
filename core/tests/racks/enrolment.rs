//! How a machine becomes a rack, and goes on as one: by a token, once.

use crate::region::Region;
use crate::region::staged::import_with;
use crate::site::{EAST, TOKEN_LIFE, WEST, key_of, served, wish};
use regent_core::command::Command;
use regent_core::command::node::{NewInterface, NewNode, NodeCommand, NodePatch};
use regent_core::command::rack::Enrol;
use regent_core::command::rack_token::{NewRackToken, RackTokenCommand};
use regent_core::id::NodeId;
use regent_core::lease::server::Incarnation;
use regent_core::model::hostname::Hostname;
use regent_core::model::interface::Interface;
use regent_core::model::node::{Node, NodeType};
use regent_core::model::rack_token::{
    RACK_TOKEN_LIFE_MILLIS_MAX, RACK_TOKEN_LIFE_MILLIS_MIN, RACK_TOKENS_MAX,
};
use regent_core::model::secret_digest::SecretDigest;
use regent_core::net::mac::MacAddr;
use regent_core::time::Millis;

fn machine(hostname: &str, mac: Option<MacAddr>) -> Command {
    let hostname = Some(Hostname::new(hostname).unwrap());
    let fields = NodePatch { hostname, ..NodePatch::default() };
    let card = |mac_address| NewInterface { name: "eth0".into(), mac_address, vlan: None };
    let interfaces = mac.map(card).into_iter().collect();
    let new = NewNode { node_type: NodeType::Machine, fields, interfaces };
    Command::Node(Box::new(NodeCommand::Create(new)))
}

fn token(life: Millis, secret: u32) -> Command {
    let (digest, created_by) = (SecretDigest::of(&secret.to_le_bytes()), "ann".into());
    let new = NewRackToken { digest, rack: None, life, created_by };
    Command::RackToken(RackTokenCommand::Create(new))
}

#[test]
fn machine_with_a_token_becomes_a_rack_and_has_sessions_with_its_key() {
    let mut site = served();
    site.token("secret", None);
    let (rack, system_id) = site.enrol(wish("secret")).unwrap();
    let node = &site.region.state.get::<Node>(&rack).unwrap().value;
    assert_eq!((node.node_type, node.system_id), (NodeType::RackController, system_id));
    assert_eq!(node.hostname.as_str(), "rack");
    assert_eq!(node.controller.as_ref().unwrap().version, "1.0");
    assert!(site.open_with(rack, None, SecretDigest::of(b"new key")).is_ok());
    let (_, last) = site.region.state.tables().events.iter().last().unwrap();
    assert_eq!((last.value.event_type.as_str(), last.value.node), ("RACK_ENROLLED", Some(rack)));
}

#[test]
fn token_is_good_once_and_not_after_it_ran_out_or_was_revoked() {
    let mut site = served();
    site.token("once", None);
    site.enrol(wish("once")).unwrap();
    let revoked = site.token("revoked", None);
    let delete = Command::RackToken(RackTokenCommand::Delete { id: revoked });
    site.region.run(delete.clone()).unwrap();
    assert_eq!(site.region.run(delete).unwrap_err().code(), "not_found");
    site.token("late", None);
    site.pass(TOKEN_LIFE);
    assert!(site.region.state.tables().rack_tokens.is_empty(), "nothing of them is left");
    for secret in ["once", "revoked", "late", "never"] {
        let refused = site.enrol(wish(secret)).unwrap_err();
        assert_eq!(refused.code(), "rack_token_unknown", "{secret}");
    }
}

#[test]
fn refused_enrolment_leaves_its_token() {
    let mut site = served();
    site.token("secret", None);
    let card = NewInterface { name: "no / name".into(), mac_address: MacAddr([2; 6]), vlan: None };
    let refused = site.enrol(Enrol { interfaces: vec![card], ..wish("secret") }).unwrap_err();
    assert_eq!(refused.code(), "invalid");
    assert!(site.enrol(wish("secret")).is_ok());
}

#[test]
fn name_that_a_node_has_gets_a_number() {
    let mut site = served();
    let long = "r".repeat(63);
    for taken in ["rack", "Rack-2", long.as_str()] {
        site.region.run(machine(taken, None)).unwrap();
    }
    for (wanted, given) in [("rack", "rack-3"), (&long, &format!("{}-2", "r".repeat(61)))] {
        site.token("secret", None);
        let hostname = Hostname::new(wanted).unwrap();
        let (rack, _) = site.enrol(Enrol { hostname, ..wish("secret") }).unwrap();
        let node = &site.region.state.get::<Node>(&rack).unwrap().value;
        assert_eq!(node.hostname.as_str(), given);
    }
}

#[test]
fn cards_of_a_new_rack_are_its_own_unless_a_node_is_known_by_them() {
    let mut site = served();
    let (known, new) = (MacAddr([2, 0, 0, 0, 0, 1]), MacAddr([2, 0, 0, 0, 0, 2]));
    site.region.run(machine("other", Some(known))).unwrap();
    site.token("secret", None);
    let card =
        |name: &str, mac_address| NewInterface { name: name.into(), mac_address, vlan: None };
    let interfaces = vec![card("eth0", known), card("eth1", new), card("eth1.5", new)];
    let (rack, _) = site.enrol(Enrol { interfaces, ..wish("secret") }).unwrap();
    let rows = site.region.state.tables().interfaces.iter().map(|(_, row)| &row.value);
    let of_rack: Vec<&Interface> = rows.filter(|row| row.node == Some(rack)).collect();
    assert_eq!(of_rack.len(), 1);
    assert_eq!((of_rack[0].name.as_str(), of_rack[0].mac_address), ("eth1", Some(new)));
}

#[test]
fn rack_that_never_enrolled_has_no_session_until_a_token_for_it_was_used() {
    let mut site = served();
    let (node_type, fields) = (NodeType::RackController, NodePatch::default());
    let new = NewNode { node_type, fields, interfaces: Vec::new() };
    let rack = NodeId(site.region.create(Command::Node(Box::new(NodeCommand::Create(new)))));
    assert_eq!(site.open(rack, None).unwrap_err().code(), "rack_not_enrolled");
    site.enrol_again(rack);
    assert!(site.open(rack, None).is_ok());
}

#[test]
fn whoever_enrols_as_a_rack_ends_the_session_the_life_and_the_key_before() {
    let mut site = served();
    let (name, session) = (hostname(&site, EAST), site.session(EAST));
    site.token("secret", Some(EAST));
    let (rack, _) = site.enrol(wish("secret")).unwrap();
    assert_eq!(rack, EAST);
    assert_eq!(hostname(&site, EAST), name);
    let gone = site.ask_in(EAST, session, Vec::new()).unwrap_err();
    assert_eq!(gone.code(), "rack_session_over");
    assert_eq!(site.open(EAST, None).unwrap_err().code(), "rack_key_wrong");
    let key = SecretDigest::of(b"new key");
    let records = site.open_with(EAST, Some(Incarnation(1)), key).unwrap_err();
    assert_eq!(records.code(), "state_forbids", "its records are of a life that is over");
    assert_eq!(site.open_with(EAST, None, key).unwrap().life, Incarnation(3));
}

fn hostname(site: &crate::site::Site, rack: NodeId) -> String {
    site.region.state.get::<Node>(&rack).unwrap().value.hostname.to_string()
}

#[test]
fn key_of_another_rack_opens_no_session() {
    let mut site = served();
    let refused = site.open_with(EAST, Some(Incarnation(1)), key_of(WEST)).unwrap_err();
    assert_eq!(refused.code(), "rack_key_wrong");
}

#[test]
fn key_and_tokens_of_a_rack_go_with_it() {
    let mut site = served();
    site.token("for west", Some(WEST));
    site.token("for anybody", None);
    site.region.run(Command::Node(Box::new(NodeCommand::Delete { id: WEST }))).unwrap();
    assert_eq!(site.enrol(wish("for west")).unwrap_err().code(), "rack_token_unknown");
    assert_eq!(site.region.state.tables().rack_keys.len(), 1);
    assert!(site.enrol(wish("for anybody")).is_ok());
}

#[test]
fn token_is_for_a_rack_and_has_a_secret_of_its_own_and_a_length_within_bounds() {
    let mut site = served();
    let machine = site.region.create(machine("other", None));
    let of = |rack| {
        let (digest, created_by) = (SecretDigest::of(b"x"), "ann".into());
        let new = NewRackToken { digest, rack: Some(rack), life: TOKEN_LIFE, created_by };
        Command::RackToken(RackTokenCommand::Create(new))
    };
    assert_eq!(site.region.run(of(NodeId(machine))).unwrap_err().code(), "invalid");
    assert_eq!(site.region.run(of(NodeId(99))).unwrap_err().code(), "missing_reference");
    let (least, most) = (RACK_TOKEN_LIFE_MILLIS_MIN, RACK_TOKEN_LIFE_MILLIS_MAX);
    for wrong in [Millis(0), Millis(least.0 - 1), Millis(most.0 + 1)] {
        assert_eq!(site.region.run(token(wrong, 1)).unwrap_err().code(), "invalid");
    }
    site.region.run(token(least, 1)).unwrap();
    site.region.run(token(most, 2)).unwrap();
    assert_eq!(site.region.run(token(most, 2)).unwrap_err().code(), "not_unique");
}

#[test]
fn tokens_are_bounded() {
    let mut site = served();
    for number in 0..u32::try_from(RACK_TOKENS_MAX).unwrap() {
        site.region.run(token(TOKEN_LIFE, number)).unwrap();
    }
    assert_eq!(site.region.run(token(TOKEN_LIFE, u32::MAX)).unwrap_err().code(), "limit_reached");
}

#[test]
fn import_keeps_the_keys_of_racks_that_are_in_both_sites_and_takes_tokens_for_racks_back() {
    let mut site = served();
    site.token("for anybody", None);
    site.token("for east", Some(EAST));
    let mut other = Region::founded();
    let (node_type, fields) = (NodeType::RackController, NodePatch::default());
    let new = NewNode { node_type, fields, interfaces: Vec::new() };
    assert_eq!(other.create(Command::Node(Box::new(NodeCommand::Create(new)))), EAST.0);
    for step in import_with(&other.state, &[]) {
        site.region.run(step).unwrap();
    }
    site.region.assert_sound(&"import");
    assert!(site.open(EAST, Some(Incarnation(1))).is_ok(), "it is the same rack");
    assert_eq!(site.region.state.tables().rack_keys.len(), 1);
    assert_eq!(site.enrol(wish("for east")).unwrap_err().code(), "rack_token_unknown");
    let (rack, _) = site.enrol(wish("for anybody")).unwrap();
    assert_eq!(site.open(rack, None).unwrap_err().code(), "rack_key_wrong", "west had this number");
}
