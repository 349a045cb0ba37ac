//! A founder that dies between the making of its group and the founding of its site.

use crate::config::RaftConfig;
use crate::log_store::store::{LogOptions, LogStore};
use crate::region::handle::Region;
use crate::region::prepare::{FOUNDER, Preparation};
use crate::region::tests::nodes::{nobody_is_promoted, options, until};
use crate::type_config::{Entry, LogId, NodeId, RegionNode, TypeConfig, Vote};
use openraft::storage::{IOFlushed, RaftLogStorage as _};
use openraft::{EntryPayload, Membership};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tempfile::TempDir;
use tokio::net::TcpListener;

/// A founder's directory as it is once its group was made, and nothing else.
async fn made_but_not_founded(directory: &Path, own: &str) {
    let identity = Preparation::begin(directory, "n0").unwrap().found().unwrap();
    let alone = Box::new(|error: &std::io::Error| panic!("the log failed: {error}"));
    let mut log = LogStore::open(directory, identity.store, &LogOptions::default(), alone).unwrap();
    let founder = RegionNode {
        name: "n0".into(),
        peer: own.to_owned(),
        api: "api:0".into(),
        store: identity.store.to_string(),
    };
    let voters = vec![BTreeSet::from([FOUNDER])];
    let nodes: BTreeMap<NodeId, RegionNode> = [(FOUNDER, founder)].into();
    let membership = Membership::new(voters, nodes).unwrap();
    let first: Entry = Entry {
        log_id: LogId::new_term_index(0, 0),
        payload: EntryPayload::Membership(membership),
    };
    log.save_vote(&Vote::new(0, 0)).await.unwrap();
    log.append([first], IOFlushed::<TypeConfig>::noop()).await.unwrap();
}

async fn start(directory: &Path, config: RaftConfig) -> Region {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().to_string();
    if !directory.join("node.json").exists() {
        made_but_not_founded(directory, &own).await;
    }
    Region::start(options(directory, own, listener, config)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn founding_that_was_broken_off_is_made_up_for_and_others_can_join() {
    let disk = TempDir::new().unwrap();
    let region = start(&disk.path().join("n0"), nobody_is_promoted()).await;
    let tables = || region.published().state.tables().clone();
    until("the site is founded", || !tables().members.is_empty()).await;
    assert_eq!((tables().domains.len(), tables().fabrics.len()), (1, 1));
    let door = region.shared.peer_address(FOUNDER).unwrap().address;
    let joiner = Preparation::begin(&disk.path().join("n1"), "n1").unwrap();
    let identity = joiner.join(&door, "127.0.0.1:1", "api:0").await.unwrap();
    assert_eq!(identity.node_id, 2);
}
