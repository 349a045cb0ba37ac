//! Becoming a rack: by a token of this cluster, once.

use crate::agent::Agent;
use crate::site::{Node, Site};
use regent_core::model::rack_token_text::RackTokenText;
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
