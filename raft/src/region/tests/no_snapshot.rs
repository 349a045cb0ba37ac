//! A node that cannot write snapshots.

use crate::config::RaftConfig;
use crate::region::handle::Region;
use crate::region::start::StartOptions;
use crate::region::tests::nodes::{Nodes, domain, nobody_is_promoted, options, soon, until};
use std::fs;
use tokio::net::TcpListener;

const SNAPSHOT_ENTRIES: u64 = 5;

async fn write(node: &Region, name: &str, count: u64) {
    for number in 0..count {
        let write = domain(&format!("{name}{number}.example"));
        node.propose(write, soon()).await.unwrap().result.unwrap();
    }
}

async fn start(nodes: &Nodes, config: RaftConfig) -> Region {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().to_string();
    let options: StartOptions = options(&nodes.disk.path().join("n0"), own, listener, config);
    Region::start(options).await.unwrap()
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
    let node = nodes.regions.pop().unwrap();
    node.stop().await;
    drop(node);
    fs::remove_file(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(format!("{:020}.tmp", 7)), b"a part").unwrap();
    let node = start(&nodes, config).await;
    until("it has made a snapshot", || node.log_indexes().snapshot > 0).await;
    assert_eq!(node.published().state.tables().domains.len() as u64, 4 * SNAPSHOT_ENTRIES + 1);
}
