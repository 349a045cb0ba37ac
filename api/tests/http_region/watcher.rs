//! A client of the change feed that remembers what it has seen, and what there was to see.

use futures::StreamExt as _;
use regent_raft::region::handle::Region;
use serde_json::Value;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

/// Revision and references of every change, in order.
pub(crate) type Changes = Vec<(u64, Vec<(String, u64)>)>;

/// What a client has seen over all its connections.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) changes: Changes,
    pub(crate) resyncs: usize,
    place: Option<String>,
}

impl Seen {
    /// Where the next connection begins.
    pub(crate) fn place(&self) -> &str {
        self.place.as_deref().unwrap_or("0")
    }

    fn note(&mut self, message: &Value) {
        self.place = message["id"].as_str().map(str::to_owned);
        match message["event"].as_str() {
            Some("change") => {
                let changes = message["changes"].as_array().unwrap().iter();
                let reference = |change: &Value| {
                    (change["op"].as_str().unwrap().to_owned(), change["id"].as_u64().unwrap())
                };
                let revision = message["revision"].as_u64().unwrap();
                self.changes.push((revision, changes.map(reference).collect()));
            }
            Some("resync") => self.resyncs += 1,
            _ => {}
        }
    }
}

/// One connection.
pub(crate) struct Watcher {
    body: Pin<Box<dyn futures::Stream<Item = Vec<u8>> + Send>>,
    text: String,
}

impl Watcher {
    /// Connects behind a place. A node that is behind it says so, and is asked again.
    pub(crate) async fn start(node: &str, after: &str) -> Self {
        let url = format!("{node}/v1/events?after={after}");
        let ask = || reqwest::Client::new().get(&url).header("accept", "application/x-ndjson");
        let connected = async {
            loop {
                let response = ask().send().await.unwrap();
                match response.status().as_u16() {
                    200 => return response,
                    503 => {}
                    other => panic!("{other} {}", response.text().await.unwrap()),
                }
            }
        };
        let response = timeout(PATIENCE, connected).await.unwrap();
        let body = response.bytes_stream().filter_map(async |piece| piece.ok());
        Self { body: Box::pin(body.map(|piece| piece.to_vec())), text: String::new() }
    }

    /// Reads so many messages.
    pub(crate) async fn read(&mut self, messages: usize, seen: &mut Seen) {
        for _ in 0..messages {
            while !self.text.contains('\n') {
                let piece = timeout(PATIENCE, self.body.next()).await.unwrap().unwrap();
                self.text.push_str(std::str::from_utf8(&piece).unwrap());
            }
            let (line, rest) = self.text.split_once('\n').unwrap();
            seen.note(&serde_json::from_str(line).unwrap());
            self.text = rest.to_owned();
        }
    }
}

/// What the ring of a node holds.
pub(crate) fn committed(region: &Region) -> Changes {
    use regent_core::change::Operation;
    use regent_core::object::Key;
    let published = region.published();
    let rows = published.state.tables().changes.iter();
    let reference = |change: &regent_core::change::Change| {
        let operation = match change.operation {
            Operation::Create => "create",
            Operation::Update => "update",
            Operation::Delete => "delete",
        };
        let number = match change.object.key {
            Key::Number(number) => number,
            Key::Address(_) | Key::Name(_) => 0,
        };
        (operation.to_owned(), number)
    };
    rows.map(|(revision, row)| (revision.0, row.value.changes.iter().map(reference).collect()))
        .collect()
}
