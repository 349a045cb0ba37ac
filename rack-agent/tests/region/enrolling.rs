//! A machine becomes a rack, or is told why not and whether its token is still good.

use crate::region_node::RegionNode;
use crate::site::{quick, situation};
use regent_proto::rack;
use regent_rack_agent::region::enrol::{Candidate, EnrolError, Enrolled, check_token, enrol};
use regent_rack_agent::region::interface;
use tonic::{Code, Status};

fn candidate() -> Candidate {
    Candidate {
        token: "regent-rack-1.5ec2e7".into(),
        hostname: "rack-7".into(),
        interfaces: situation().interfaces,
        version: "1.2.3".into(),
    }
}

fn reply() -> rack::EnrolReply {
    let node = |id, api: &str| rack::Node { id, api: api.into(), leads: false, racks: None };
    rack::EnrolReply {
        cluster_id: "c1".into(),
        system_id: "abc123".into(),
        key: vec![7; 32].into(),
        nodes: vec![node(1, "r1:7440"), node(2, "nowhere"), node(3, "[2001:db8::3]:7440")],
    }
}

async fn enrolled_at(nodes: &[&RegionNode]) -> Result<Enrolled, EnrolError> {
    let endpoints: Vec<_> = nodes.iter().map(|node| node.endpoint.clone()).collect();
    enrol(&endpoints, &candidate(), &quick()).await
}

#[tokio::test]
async fn token_makes_a_rack_that_knows_its_region() {
    let mut node = RegionNode::start_with(Ok(reply()));
    let Enrolled { identity, nodes } = enrolled_at(&[&node]).await.unwrap();
    assert_eq!(format!("{identity:?}"), "abc123 of c1");
    assert_eq!(identity.key, [7; 32]);
    let nodes: Vec<String> = nodes.iter().map(|node| node.api.to_string()).collect();
    assert_eq!(nodes, ["r1:7440", "[2001:db8::3]:7440"]);
    let expected = rack::EnrolRequest {
        token: "regent-rack-1.5ec2e7".into(),
        hostname: "rack-7".into(),
        interfaces: interface::write(&situation().interfaces),
        version: "1.2.3".into(),
    };
    assert_eq!(node.enrolled().await, expected);
}

#[tokio::test]
async fn node_that_can_do_nothing_now_is_passed_over() {
    let dead = RegionNode::start();
    let (leaderless, able) = (
        RegionNode::start_with(Err(Status::unavailable("no leader"))),
        RegionNode::start_with(Ok(reply())),
    );
    let endpoints = [&dead, &leaderless, &able].map(|node| node.endpoint.clone());
    dead.kill();
    assert!(enrol(&endpoints, &candidate(), &quick()).await.is_ok());
    let told = enrol(&endpoints[..2], &candidate(), &quick()).await.unwrap_err().to_string();
    assert!(told.contains("still good") && told.contains("no leader"), "{told}");
}

#[tokio::test]
async fn token_is_looked_at_by_the_first_node_that_can_tell() {
    let status = |code| RegionNode::start_with(Err(Status::new(code, "so it is")));
    let (away, doubtful) = (status(Code::Unavailable), status(Code::Aborted));
    let (refusing, able) = (status(Code::FailedPrecondition), RegionNode::start_with(Ok(reply())));
    let check = async |nodes: [&RegionNode; 2]| {
        let endpoints = nodes.map(|node| node.endpoint.clone());
        check_token(&endpoints, &candidate().token, &quick()).await
    };
    assert_eq!(check([&away, &able]).await, Ok(()));
    assert_eq!(check([&refusing, &able]).await, Err(EnrolError::Refused("so it is".into())));
    let told = check([&away, &doubtful]).await.unwrap_err();
    assert!(matches!(told, EnrolError::Unavailable { .. }), "nothing was used up: {told}");
}

#[tokio::test]
async fn refusal_is_final() {
    let refusing = RegionNode::start_with(Err(Status::permission_denied("it was used already")));
    let mut other = RegionNode::start_with(Ok(reply()));
    let refused = enrolled_at(&[&refusing, &other]).await.unwrap_err();
    assert_eq!(refused, EnrolError::Refused("it was used already".into()));
    assert!(other.was_not_asked());
}

#[tokio::test]
async fn token_of_unknown_fate_is_not_shown_twice() {
    for code in [Code::Unknown, Code::Internal, Code::DeadlineExceeded, Code::Aborted] {
        let doubtful = RegionNode::start_with(Err(Status::new(code, "the leader went away")));
        let mut other = RegionNode::start_with(Ok(reply()));
        let told = enrolled_at(&[&doubtful, &other]).await.unwrap_err();
        assert_eq!(told, EnrolError::Unknown("the leader went away".into()));
        assert!(told.to_string().contains("regent token ls"));
        assert!(other.was_not_asked());
    }
}

#[tokio::test]
async fn reply_that_makes_no_sense_makes_no_rack() {
    for (reply, told) in [
        (rack::EnrolReply { cluster_id: String::new(), ..reply() }, "cluster_id: 0"),
        (rack::EnrolReply { system_id: "x".repeat(65), ..reply() }, "system_id: 65"),
        (rack::EnrolReply { key: vec![7; 15].into(), ..reply() }, "key: 15"),
    ] {
        let node = RegionNode::start_with(Ok(reply));
        let error = enrolled_at(&[&node]).await.unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn token_stands_in_no_text() {
    assert!(!format!("{:?}", candidate()).contains("5ec2e7"));
}
