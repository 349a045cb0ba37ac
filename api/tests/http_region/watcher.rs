//! A client of the change feed that remembers what it has seen, in either of its two forms.

use futures::StreamExt as _;
use regent_api::http::events::message::Format;
use reqwest::Response;
use serde_json::Value;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

/// A revision with the operation and number of everything it changed.
pub(crate) type Change = (u64, Vec<(String, u64)>);
/// All of them, in order.
pub(crate) type Changes = Vec<Change>;

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
    format: Format,
    text: String,
}

impl Watcher {
    /// Connects behind a place. A node that is behind it says so, and is asked again.
    pub(crate) async fn start(node: &str, format: Format, after: &str) -> Self {
        let response = timeout(PATIENCE, connected(node, format, after)).await.unwrap();
        assert_eq!(response.headers()["content-type"], format.media_type());
        let body = response.bytes_stream().filter_map(async |piece| piece.ok());
        Self { body: Box::pin(body.map(|piece| piece.to_vec())), format, text: String::new() }
    }

    /// Reads so many messages.
    pub(crate) async fn read(&mut self, messages: usize, seen: &mut Seen) {
        let end = match self.format {
            Format::ServerSentEvents => "\n\n",
            Format::Lines => "\n",
        };
        for _ in 0..messages {
            while !self.text.contains(end) {
                let piece = timeout(PATIENCE, self.body.next()).await.unwrap().unwrap();
                self.text.push_str(std::str::from_utf8(&piece).unwrap());
            }
            let (message, rest) = self.text.split_once(end).unwrap();
            seen.note(&read(self.format, message));
            self.text = rest.to_owned();
        }
    }
}

/// Begins to follow, each form in its own way to say from where.
async fn connected(node: &str, format: Format, after: &str) -> Response {
    loop {
        let client = reqwest::Client::new();
        let url = format!("{node}/v1/events");
        let request = match format {
            Format::ServerSentEvents => client.get(url).header("last-event-id", after),
            Format::Lines => client.get(format!("{url}?after={after}")),
        };
        let request = request.header("accept", format.media_type());
        let response = request.send().await.unwrap();
        match response.status().as_u16() {
            200 => return response,
            503 => {}
            other => panic!("{other} {}", response.text().await.unwrap()),
        }
    }
}

/// A message with its `id` and `event` among the data.
fn read(format: Format, message: &str) -> Value {
    let fields = match format {
        Format::Lines => return serde_json::from_str(message).unwrap(),
        Format::ServerSentEvents => message.lines().map(|line| line.split_once(": ").unwrap()),
    };
    let mut read = Value::Null;
    let mut beside = Vec::new();
    for (field, text) in fields {
        match field {
            "data" => read = serde_json::from_str(text).unwrap(),
            other => beside.push((other, text)),
        }
    }
    for (field, text) in beside {
        read[field] = text.into();
    }
    read
}
