//! A node that cannot write snapshots.

use crate::config::RaftConfig;
use crate::region::handle::Region;
use crate::region::tests::nodes::{Nodes, domain, nobody_is_promoted, soon, until};
use std::fs;

const SNAPSHOT_ENTRIES: u64 = 20;

async fn write(node: &Region, name: &str, count: u64) {
    for number in 0..count {
        let write = domain(&format!("{name}{number}.example"));
        node.propose(write, soon()).await.unwrap().result.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn node_that_cannot_write_snapshots_goes_on_and_starts_again() {
    let config = RaftConfig { snapshot_entries: SNAPSHOT_ENTRIES, ..nobody_is_promoted() };
    let mut nodes = Nodes::start(0, config.clone()).await;
    let folder = nodes.disk.path().join("n0/snapshots");
    // A file in the place of the folder: whatever is written into it fails.
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, b"").unwrap();
    write(nodes.node(1), "without", 4 * SNAPSHOT_ENTRIES).await;
    assert!(!nodes.node(1).stopping().is_cancelled());
    fs::remove_file(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    let left_over = folder.join("00000000000000000007.tmp");
    fs::write(&left_over, b"a part").unwrap();
    nodes.restart(1, config).await;
    let node = nodes.node(1);
    assert!(!left_over.exists());
    until("it has made a snapshot", || node.log_indexes().snapshot > 0).await;
    assert_eq!(node.published().state.tables().domains.len() as u64, 4 * SNAPSHOT_ENTRIES + 1);
}
