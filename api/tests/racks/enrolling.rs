//! Becoming a rack: by a token of this cluster, once.

use crate::agent::Agent;
use crate::site::{Node, Site};
use regent_api::grpc::enrol::enrol;
use regent_api::grpc::leave::leave;
use regent_api::grpc::node::RackNode;
use regent_api::rack_door::RackDoor;
use regent_core::model::rack_token_text::RackTokenText;
use regent_proto::rack::{EnrolRequest, LeaveRequest};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tonic::Code;

async fn refusal(node: &Node, token: &str, hostname: &str) -> Code {
    Agent::enrol(node, token.to_owned(), hostname).await.map(drop).unwrap_err().code()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn token_makes_one_machine_a_rack_at_any_node_and_no_other() {
    let site = Site::of(2).await;
    let token = site.token().await;
    let other_node = &site.nodes[1];
    let agent = Agent::enrol(other_node, token.clone(), "rack").await.unwrap();
    assert_eq!(refusal(site.node(), &token, "other").await, Code::FailedPrecondition);
    let (_line, welcome) = agent.connect(site.node()).await;
    assert_eq!(welcome.rack, agent.number);
    assert_eq!(welcome.cluster_id, site.node().region.identity().cluster_id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_token_of_this_cluster_changes_nothing() {
    let site = Site::start().await;
    let good = site.token().await;
    let token = RackTokenText::parse(&good).unwrap();
    let elsewhere = RackTokenText { cluster_id: "another".into(), ..token.clone() };
    let invented = RackTokenText { secret: [9; 32], ..token };
    let rows = || {
        let state = site.node().region.published().state.clone();
        (
            state.tables().nodes.len(),
            state.tables().rack_tokens.len(),
            state.meta().changed_revision,
        )
    };
    let before = rows();
    for (text, code) in [
        ("", Code::InvalidArgument),
        (&good[..good.len() - 2], Code::InvalidArgument),
        (&elsewhere.reveal(), Code::FailedPrecondition),
        (&invented.reveal(), Code::FailedPrecondition),
    ] {
        assert_eq!(refusal(site.node(), text, "rack").await, code, "{text}");
    }
    assert_eq!(refusal(site.node(), &good, "not a name!").await, Code::InvalidArgument);
    assert_eq!(rows(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_who_enrol_or_leave_in_vain_are_counted_at_their_door() {
    let site = Site::start().await;
    let node = RackNode::new(site.node().region.clone(), Arc::clone(&site.node().context.racks));
    let door = RackDoor::to(&Arc::new(Semaphore::new(1)));
    let hello = site.rack("rack").await.hello;
    let leaving = LeaveRequest {
        cluster_id: hello.cluster_id,
        system_id: hello.system_id,
        key: hello.key.clone(),
    };
    let mut strange_key = hello.key.to_vec();
    strange_key[0] ^= 1;
    let strangers = [
        LeaveRequest { key: strange_key.into(), ..leaving.clone() },
        LeaveRequest { cluster_id: "another".to_owned(), ..leaving.clone() },
        LeaveRequest { key: Vec::new().into(), ..leaving.clone() },
    ];
    for (stranger, refused) in strangers.into_iter().zip(1..) {
        leave(&node, &door, stranger).await.unwrap_err();
        assert_eq!(*door.refused().borrow(), refused);
    }
    enrol(&node, &door, EnrolRequest::default()).await.unwrap_err();
    assert_eq!(*door.refused().borrow(), 4);
    leave(&node, &door, leaving).await.unwrap();
    assert_eq!(*door.refused().borrow(), 4, "the rack itself is none");
    let url = format!("http://{}/metrics", site.node().address);
    let figures = reqwest::get(url).await.unwrap().text().await.unwrap();
    assert!(figures.contains("regent_rack_sessions_refused_total 4"), "{figures}");
}
