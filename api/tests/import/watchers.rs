//! Who follows changes while another site comes in is told to begin anew, on every node, and can.

use crate::dev_cluster::{DevCluster, PATIENCE};
use crate::hand;
use crate::nodes::import;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use regent_api::cli::client::Call;
use reqwest::Method;
use serde_json::{Value as Json, json};
use tokio::time::timeout;

/// A client of one node's change feed.
struct Watcher {
    pieces: BoxStream<'static, String>,
    text: String,
}

impl Watcher {
    /// Connects behind a place.
    async fn start(api: &str, after: &str) -> Self {
        let request = reqwest::Client::new().get(format!("http://{api}/v1/events?after={after}"));
        let response = request.header("accept", "application/x-ndjson").send().await.unwrap();
        assert_eq!(response.status(), 200, "{api} after {after}");
        let pieces = response.bytes_stream();
        let pieces = pieces.map(|piece| String::from_utf8(piece.unwrap().to_vec()).unwrap());
        Self { pieces: pieces.boxed(), text: String::new() }
    }

    /// The next message; none when the feed has ended.
    async fn next(&mut self) -> Option<Json> {
        loop {
            if let Some((line, rest)) = self.text.split_once('\n') {
                let message = serde_json::from_str(line).unwrap();
                self.text = rest.to_owned();
                return Some(message);
            }
            let piece = timeout(PATIENCE, self.pieces.next()).await.expect("a message in time")?;
            self.text += &piece;
        }
    }

    /// The next message that tells more than that the feed is alive.
    async fn next_news(&mut self) -> Option<Json> {
        loop {
            let message = self.next().await?;
            if message["event"] != "progress" {
                return Some(message);
            }
        }
    }
}

async fn create_domain(cluster: &DevCluster, name: &str) -> u64 {
    let body = json!({ "name": name, "authoritative": true });
    let call = Call::write(Method::POST, "/v1/domains", Some(body));
    let answer = cluster.client().call(&call).await.unwrap();
    answer.body["revision"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn watchers_of_every_node_are_told_to_begin_anew_when_an_import_is_committed() {
    let cluster = DevCluster::start(&["--demo", "none"]).await;
    let before = create_domain(&cluster, "before.example").await;
    let addresses = cluster.addresses();
    let mut watchers = Vec::new();
    for api in &addresses {
        watchers.push(Watcher::start(api, &before.to_string()).await);
    }
    import(&cluster, &hand::path(), &hand::facts(), &[]).await;
    let mut places = Vec::new();
    for (watcher, api) in watchers.iter_mut().zip(&addresses) {
        let news = watcher.next_news().await.expect("a word before the end");
        assert_eq!(news["event"], "resync", "{api} tells no single change of an import: {news}");
        assert!(watcher.next().await.is_none(), "{api} goes on after {news}");
        places.push(news["id"].as_str().unwrap().to_owned());
    }
    // Each goes on where it was told, on the node beside its own.
    let nodes_beside = addresses.iter().cycle().skip(1);
    let mut watchers = Vec::new();
    for (place, api) in places.iter().zip(nodes_beside) {
        watchers.push(Watcher::start(api, place).await);
    }
    let after = create_domain(&cluster, "after.example").await;
    for watcher in &mut watchers {
        let news = watcher.next_news().await.expect("it lives");
        assert_eq!((&news["event"], &news["revision"]), (&json!("change"), &json!(after)));
    }
}
