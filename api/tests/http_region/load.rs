//! Clients that write one object after the other, so that whatever is tried meanwhile is tried under load.

use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tokio::task::JoinSet;

/// Writers under way.
pub(crate) struct Load {
    shared: Arc<Shared>,
    writers: JoinSet<()>,
}

#[derive(Default)]
struct Shared {
    /// Writes that were acknowledged.
    written: AtomicU64,
    over: AtomicBool,
}

impl Load {
    /// Writes through each of these nodes, all at once.
    pub(crate) fn start(nodes: impl IntoIterator<Item = String>) -> Self {
        let mut load = Self { shared: Arc::default(), writers: JoinSet::new() };
        for node in nodes {
            let shared = Arc::clone(&load.shared);
            load.writers.spawn(write(node, shared));
        }
        load
    }

    /// How many writes were acknowledged so far.
    pub(crate) fn written(&self) -> u64 {
        self.shared.written.load(Ordering::Relaxed)
    }

    /// Waits for the writes that are under way and makes no others.
    pub(crate) async fn end(mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        while let Some(ended) = self.writers.join_next().await {
            ended.unwrap();
        }
    }
}

async fn write(node: String, shared: Arc<Shared>) {
    let (client, url) = (reqwest::Client::new(), format!("{node}/v1/spaces"));
    while !shared.over.load(Ordering::Relaxed) {
        let answer = client.post(&url).json(&json!({})).send().await.unwrap();
        match answer.status().as_u16() {
            201 => drop(shared.written.fetch_add(1, Ordering::Relaxed)),
            // A busy machine may elect anew. What was not written, or perhaps was, does not count as load.
            503 | 504 => {}
            other => panic!("{other} {}", answer.text().await.unwrap()),
        }
    }
}
