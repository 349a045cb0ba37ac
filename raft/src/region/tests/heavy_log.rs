//! A log of long entries: it is cut by its bytes, long before there are many entries.

use crate::config::RaftConfig;
use crate::log_store::store::LOG_FOLDER;
use crate::region::propose::Write;
use crate::region::tests::nodes::{Nodes, quick, soon, until};
use regent_core::command::Command;
use regent_core::command::dhcp_snippet::DhcpSnippetCommand;
use regent_core::model::dhcp_snippet::DhcpSnippet;
use std::path::Path;

/// What each of the writes carries: nearly as much as a request to the API may.
const VALUE_BYTES: usize = 900_000;
const WRITES: usize = 300;
const SNAPSHOT_LOG_BYTES: u64 = 4 << 20;
const LOG_BYTES_KEPT: u64 = 1 << 20;
/// Two full stretches between snapshots, what is kept behind them, and what comes in while a snapshot is made.
const HELD_BYTES_MAX: u64 = 2 * SNAPSHOT_LOG_BYTES + LOG_BYTES_KEPT + (8 << 20);
/// The same on the disk, where room that was given up is used again but not given back: half of what is written.
const DISK_BYTES_MAX: u64 = 128 << 20;

fn cut_early() -> RaftConfig {
    RaftConfig { snapshot_log_bytes: SNAPSHOT_LOG_BYTES, log_bytes_kept: LOG_BYTES_KEPT, ..quick() }
}

/// A write that is refused for its length, though only once it is in the log.
fn refused_write() -> Write {
    let snippet = DhcpSnippet {
        name: "long".into(),
        description: String::new(),
        enabled: true,
        node: None,
        subnet: None,
        iprange: None,
        value: "x".repeat(VALUE_BYTES),
        history: Vec::new(),
    };
    let command = Command::DhcpSnippet(DhcpSnippetCommand::Create(snippet));
    Write { principal: "admin".into(), key: None, guards: Vec::new(), command }
}

fn bytes_in(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap();
    let sizes = entries.map(|entry| entry.unwrap()).map(|entry| {
        let found = entry.metadata().unwrap();
        if found.is_dir() { bytes_in(&entry.path()) } else { found.len() }
    });
    sizes.sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_writes_that_are_refused_fill_neither_memory_nor_disk() {
    let nodes = Nodes::start(2, cut_early()).await;
    for _ in 0..WRITES {
        let reply = nodes.node(2).propose(refused_write(), soon()).await.unwrap();
        assert!(reply.result.is_err());
    }
    for number in 1..=3 {
        let node = nodes.node(number);
        until("the log is cut", || node.purged_index() > 0).await;
        let held = || node.shared.log.bytes_behind(0);
        until("the log is light", || held() < HELD_BYTES_MAX).await;
        let folder = nodes.disk.path().join(format!("n{}", number - 1)).join(LOG_FOLDER);
        let on_disk = bytes_in(&folder);
        assert!(on_disk < DISK_BYTES_MAX, "node {number}: {on_disk} bytes");
    }
}
