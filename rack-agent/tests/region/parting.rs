//! `join` on a rack of another region: it leaves that first, and whatever fails in between, it may be tried again.

use crate::region_node::{RegionNode, Visit};
use regent_core::lease::server::Incarnation;
use regent_core::model::rack_token_text::RackTokenText;
use regent_proto::rack;
use regent_proto::rack::to_rack::Message;
use regent_rack_agent::config::Config;
use regent_rack_agent::join::{Farewell, JoinError, Joined, Standing, Wish, join};
use regent_rack_agent::remembered::{Identity, Write};
use regent_rack_agent::store::nodes;
use regent_rack_agent::store::open::Store;
use std::time::Duration;
use tempfile::TempDir;
use tonic::Status;

/// A region that does not answer is waited for so long.
const PATIENCE: Duration = Duration::from_millis(500);

/// A rack of the region with this node, as the fake region knows one.
fn rack_of(folder: &TempDir, old: &RegionNode) -> Config {
    let state_dir = folder.path().join("state");
    let config = Config::parse(&format!("state_dir = '{}'", state_dir.display())).unwrap();
    let (mut store, _) = Store::open(&config.state_dir).unwrap();
    let (cluster_id, system_id) = ("c1".to_owned(), "abc".to_owned());
    store.enrolled(&Identity { cluster_id, system_id, key: vec![7; 32] }).unwrap();
    store.write(&[Write::Life(Incarnation(3)), Write::Epoch(1)]).unwrap();
    nodes::write(&config.state_dir, std::slice::from_ref(&old.endpoint)).unwrap();
    config
}

/// A region that takes every token.
fn other_region() -> RegionNode {
    RegionNode::start_with(Ok(rack::EnrolReply {
        cluster_id: "c2".into(),
        system_id: "xyz".into(),
        key: vec![8; 32].into(),
        nodes: Vec::new(),
    }))
}

fn wish(node: &RegionNode, farewell: Farewell) -> Wish {
    let nodes = vec![node.endpoint.to_string()];
    let token = RackTokenText { cluster_id: "c2".into(), nodes, secret: [9; 32] };
    Wish {
        token: token.reveal(),
        hostname: Some("rack-7".into()),
        regions: Vec::new(),
        standing: Standing::Keep,
        farewell,
        patience: PATIENCE,
    }
}

fn system_id(config: &Config) -> Option<String> {
    let (store, _) = Store::open(&config.state_dir).unwrap();
    store.identity().map(|identity| identity.system_id.clone())
}

/// The old region takes whatever the rack tells.
async fn takes_everything(mut visit: Visit) {
    loop {
        let rack::Ask { id, steps } = visit.is_asked().await;
        let done = || rack::Answer { answer: Some(rack::answer::Answer::Done(rack::Done {})) };
        let answers = steps.iter().map(|_| done()).collect();
        let answers = rack::Answers { id, now: 1_000, answers, ..rack::Answers::default() };
        visit.say(Message::Answers(answers)).await;
        if matches!(steps.first().and_then(|s| s.step.as_ref()), Some(rack::step::Step::Adopted(_)))
        {
            return visit.is_left().await;
        }
    }
}

#[tokio::test]
async fn rack_leaves_its_region_before_it_shows_its_token_to_another() {
    let folder = tempfile::tempdir().unwrap();
    let (mut old, mut new) = (RegionNode::start(), other_region());
    let config = rack_of(&folder, &old);
    let joining = join(&config, wish(&new, Farewell::Orderly));
    let region = async {
        takes_everything(old.welcomes().await).await;
        let left = old.left().await;
        assert_eq!((left.cluster_id.as_str(), left.system_id.as_str()), ("c1", "abc"));
        assert_eq!(left.key.as_ref(), [7; 32]);
        assert!(new.was_not_asked(), "it is no rack of two regions");
    };
    let (joined, ()) = tokio::join!(joining, region);
    let Joined { identity, remarks, carried } = joined.unwrap();
    assert_eq!((identity.system_id.as_str(), remarks.len(), carried), ("xyz", 0, None));
    let (store, remembered) = Store::open(&config.state_dir).unwrap();
    assert_eq!(store.identity(), Some(&identity));
    assert_eq!(remembered.life, None, "what it gave is of no use there");
}

#[tokio::test]
async fn rack_whose_region_is_away_stays_until_it_is_told_to_abandon_it() {
    let folder = tempfile::tempdir().unwrap();
    let (old, mut new) = (RegionNode::start(), other_region());
    let config = rack_of(&folder, &old);
    old.kill();
    let told = join(&config, wish(&new, Farewell::Orderly)).await.unwrap_err();
    assert!(matches!(told, JoinError::NotLetGo(..)), "{told}");
    assert!(told.to_string().contains("--abandon"), "{told}");
    assert!(new.was_not_asked());
    assert_eq!(system_id(&config).as_deref(), Some("abc"));
    let joined = join(&config, wish(&new, Farewell::Abandoning)).await.unwrap();
    assert_eq!(joined.identity.system_id, "xyz");
    assert!(joined.remarks[0].contains("left without a word"), "{:?}", joined.remarks);
}

#[tokio::test]
async fn rack_that_has_left_and_was_not_taken_may_join_again_without_its_old_region() {
    let folder = tempfile::tempdir().unwrap();
    let mut old = RegionNode::start();
    // Another machine uses the token up between.
    let used = Err(Status::failed_precondition("the token was used"));
    let strict = RegionNode::start_saying(Ok(()), used);
    let config = rack_of(&folder, &old);
    let refused = join(&config, wish(&strict, Farewell::Orderly));
    let region = async {
        takes_everything(old.welcomes().await).await;
        old.left().await;
    };
    let (told, ()) = tokio::join!(refused, region);
    let told = told.unwrap_err();
    assert!(matches!(told, JoinError::NotTaken(_)), "{told}");
    assert_eq!(system_id(&config), None, "it is of no region");
    old.kill();
    let new = other_region();
    let joined = join(&config, wish(&new, Farewell::Orderly)).await.unwrap();
    assert_eq!(joined.identity.system_id, "xyz");
}

#[tokio::test]
async fn rack_does_not_leave_for_a_region_that_does_not_take_its_token() {
    let folder = tempfile::tempdir().unwrap();
    let mut old = RegionNode::start();
    let strict = RegionNode::start_with(Err(Status::failed_precondition("the token was used")));
    let config = rack_of(&folder, &old);
    let told = join(&config, wish(&strict, Farewell::Orderly)).await.unwrap_err();
    assert!(matches!(told, JoinError::Enrol(_)), "{told}");
    assert!(old.has_no_visitor());
    assert_eq!(system_id(&config).as_deref(), Some("abc"));
}

#[tokio::test]
async fn rack_does_not_leave_for_a_region_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let (mut old, new) = (RegionNode::start(), other_region());
    let config = rack_of(&folder, &old);
    let wish = wish(&new, Farewell::Orderly);
    new.kill();
    let told = join(&config, wish).await.unwrap_err();
    assert!(matches!(told, JoinError::Enrol(_)), "{told}");
    assert!(old.has_no_visitor());
    assert_eq!(system_id(&config).as_deref(), Some("abc"));
}
