//! `join`: from a token to an agent that knows who it is, or to a reason and what to do.

use crate::region_node::RegionNode;
use regent_core::model::rack_token_text::RackTokenText;
use regent_proto::rack;
use regent_rack_agent::config::Config;
use regent_rack_agent::join::{Farewell, JoinError, Joined, Standing, Wish, join};
use regent_rack_agent::region::enrol::EnrolError;
use regent_rack_agent::store::nodes;
use regent_rack_agent::store::open::Store;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tonic::Status;

fn config(folder: &TempDir, more: &str) -> Config {
    let state_dir = folder.path().join("state");
    Config::parse(&format!("state_dir = '{}'\n{more}", state_dir.display())).unwrap()
}

fn reply(system_id: &str) -> rack::EnrolReply {
    let node = rack::Node { id: 1, api: "localhost:7440".into(), leads: true, racks: None };
    rack::EnrolReply {
        cluster_id: "c1".into(),
        system_id: system_id.into(),
        key: vec![7; 32].into(),
        nodes: vec![node],
    }
}

fn wish(nodes: &[&RegionNode]) -> Wish {
    let nodes = nodes.iter().map(|node| node.endpoint.to_string()).collect();
    let token = RackTokenText { cluster_id: "c1".into(), nodes, secret: [9; 32] };
    Wish {
        token: token.reveal(),
        hostname: Some("rack-7".into()),
        regions: Vec::new(),
        standing: Standing::Keep,
        farewell: Farewell::Orderly,
        patience: Duration::from_secs(5),
    }
}

fn remembered(state_dir: &Path) -> Option<(String, String, Vec<u8>)> {
    let (store, _) = Store::open(state_dir).unwrap();
    let identity = store.identity().cloned();
    identity.map(|identity| (identity.cluster_id, identity.system_id, identity.key))
}

#[tokio::test]
async fn token_alone_makes_a_rack_that_remembers_who_it_is_and_where_its_region_is() {
    let folder = tempfile::tempdir().unwrap();
    let (config, mut node) = (config(&folder, ""), RegionNode::start_with(Ok(reply("abc"))));
    let wish = wish(&[&node]);
    let token = wish.token.clone();
    let Joined { identity, remarks, carried: _ } = join(&config, wish).await.unwrap();
    assert_eq!((identity.system_id.as_str(), remarks.len()), ("abc", 0));
    let asked = node.enrolled().await;
    assert!(asked.token == token && asked.hostname == "rack-7");
    assert_eq!(remembered(&config.state_dir), Some(("c1".into(), "abc".into(), vec![7; 32])));
    assert_eq!(nodes::read(&config.state_dir), ["localhost:7440".parse().unwrap()]);
}

#[tokio::test]
async fn rack_of_that_region_joins_again_only_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(&folder, "");
    let node = RegionNode::start_with(Ok(reply("abc")));
    join(&config, wish(&[&node])).await.unwrap();
    let told = join(&config, wish(&[&node])).await.unwrap_err();
    assert!(matches!(&told, JoinError::IsRack(rack) if rack == "abc"), "{told}");
    assert!(told.to_string().contains("--again"), "{told}");
    let again = Wish { standing: Standing::Again, ..wish(&[&node]) };
    assert_eq!(join(&config, again).await.unwrap().identity.system_id, "abc");
}

#[tokio::test]
async fn token_is_not_shown_while_another_process_has_the_state_directory() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(&folder, "");
    let mut node = RegionNode::start_with(Ok(reply("abc")));
    let _running = Store::open(&config.state_dir).unwrap();
    let told = join(&config, wish(&[&node])).await.unwrap_err();
    assert!(matches!(told, JoinError::Store(_)), "{told}");
    assert!(node.was_not_asked());
}

#[tokio::test]
async fn token_is_not_sent_beyond_this_host_unless_the_configuration_trusts_the_network() {
    let folder = tempfile::tempdir().unwrap();
    let token = |node: &str| {
        let nodes = vec![node.to_owned()];
        RackTokenText { cluster_id: "c1".into(), nodes, secret: [9; 32] }.reveal()
    };
    let careful = config(&folder, "");
    let wish_to = |node| Wish { token: token(node), ..wish(&[]) };
    let told = join(&careful, wish_to("192.0.2.1:7440")).await.unwrap_err();
    assert!(matches!(told, JoinError::Exposed(_)), "{told}");
    assert!(told.to_string().contains("192.0.2.1:7440"), "{told}");
    let trusting = config(&folder, "insecure_no_auth = true");
    let told = join(&trusting, wish_to("127.0.0.1:1")).await.unwrap_err();
    assert!(matches!(told, JoinError::Enrol(EnrolError::Unavailable { .. })), "{told}");
}

#[tokio::test]
async fn named_node_is_gone_to_instead_of_those_of_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(&folder, "");
    let (mut named, mut told) = (
        RegionNode::start_with(Ok(reply("abc"))),
        RegionNode::start_with(Err(Status::internal("nobody asked for this"))),
    );
    let wish = Wish { regions: vec![named.endpoint.clone()], ..wish(&[&told]) };
    join(&config, wish).await.unwrap();
    named.enrolled().await;
    assert!(told.was_not_asked());
}

#[tokio::test]
async fn mangled_tokens_and_impossible_names_are_told_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(&folder, "");
    let node = RegionNode::start();
    let mangled = wish(&[&node]).token.replace('9', "8");
    let told = join(&config, Wish { token: mangled, ..wish(&[&node]) }).await.unwrap_err();
    assert!(matches!(told, JoinError::Token(_)), "{told}");
    let hostname = Some("no_host_name".to_owned());
    let told = join(&config, Wish { hostname, ..wish(&[&node]) }).await.unwrap_err();
    assert!(matches!(told, JoinError::Hostname(..)), "{told}");
    assert!(!config.state_dir.exists());
}

#[tokio::test]
async fn nodes_are_written_before_the_rack_is_one_of_their_region() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(&folder, "");
    // The identity cannot be written.
    std::fs::create_dir_all(config.state_dir.join("identity.tmp")).unwrap();
    let node = RegionNode::start_with(Ok(reply("abc")));
    let told = join(&config, wish(&[&node])).await.unwrap_err();
    assert!(matches!(told, JoinError::NotWritten(..)), "{told}");
    assert_eq!(nodes::read(&config.state_dir), ["localhost:7440".parse().unwrap()]);
}

#[tokio::test]
async fn join_remarks_where_the_configuration_names_no_node_of_the_region() {
    for (configured, remarks_expected) in [("localhost:7440", 0), ("localhost:7441", 1)] {
        let folder = tempfile::tempdir().unwrap();
        let config = config(&folder, &format!("regions = ['{configured}']"));
        let node = RegionNode::start_with(Ok(reply("abc")));
        let Joined { remarks, .. } = join(&config, wish(&[&node])).await.unwrap();
        assert_eq!(remarks.len(), remarks_expected, "{remarks:?}");
        assert!(remarks.iter().all(|remark| remark.contains(configured)), "{remarks:?}");
    }
}
