//! The change feed: every change in order, whatever happens in between, or an explicit word that it cannot be.

use crate::face::{Face, PATIENCE, bounds, soon};
use futures::StreamExt as _;
use regent_api::http::events::feed::{Feed, Piece};
use regent_api::http::events::message::{Format, Place};
use regent_api::http::events::topic::{TOPICS, Topics};
use regent_core::command::Command;
use regent_core::command::edit::Edit;
use regent_core::model::tag::Tag;
use regent_core::revision::Revision;
use regent_core::state::tables::{KindVisitor, Stored, visit_kind};
use regent_raft::config::RaftConfig;
use regent_raft::region::propose::Write;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::pin::Pin;
use tokio::time::timeout;

type Bytes = Pin<Box<dyn futures::Stream<Item = Vec<u8>> + Send>>;

/// A watcher that reads lines of JSON.
pub(crate) struct Watcher {
    body: Bytes,
    text: String,
}

impl Watcher {
    pub(crate) async fn start(face: &Face, query: &str) -> Self {
        let request = face.client.get(face.url(&format!("/v1/events?{query}")));
        let response = request.header("accept", "application/x-ndjson").send().await.unwrap();
        assert_eq!(response.status(), 200);
        let body = response.bytes_stream().filter_map(async |piece| piece.ok());
        Self { body: Box::pin(body.map(|piece| piece.to_vec())), text: String::new() }
    }

    /// The next message, or none if the feed ended.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((line, rest)) = self.text.split_once('\n') {
                let message = serde_json::from_str(line).unwrap();
                self.text = rest.to_owned();
                return Some(message);
            }
            let piece = timeout(PATIENCE, self.body.next()).await.unwrap()?;
            self.text.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }

    /// The next message of this kind.
    async fn next_of(&mut self, event: &str) -> Value {
        loop {
            let message = self.next().await.unwrap();
            if message["event"] == event {
                return message;
            }
        }
    }
}

/// What the ring has: what every watcher from the beginning must have seen.
fn committed(face: &Face) -> Vec<(u64, usize)> {
    let published = face.region.published();
    let changes = published.state.tables().changes.iter();
    changes.map(|(revision, row)| (revision.0, row.value.changes.len())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn message_has_all_changes_of_its_revision() {
    let face = Face::start().await;
    let mut watcher = Watcher::start(&face, "").await;
    assert_eq!(
        watcher.next().await.unwrap()["event"],
        "progress",
        "at once, to say where it stands"
    );
    let made = face.send("POST", "/v1/tags", json!([{ "name": "a" }, { "name": "b" }])).await;
    let message = watcher.next_of("change").await;
    assert_eq!(message["revision"], made.body["revision"]);
    assert_eq!(message["id"], format!("0-{}", made.body["revision"]));
    let tag =
        |id| json!({ "topic": "tags", "op": "create", "id": id, "path": format!("/v1/tags/{id}") });
    assert_eq!(message["changes"], json!([tag(1), tag(2)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_sent_events_carry_id_event_and_data() {
    let face = Face::start().await;
    let mut response = face.client.get(face.url("/v1/events?after=0")).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut text = String::new();
    while !text.contains("event: change") {
        let piece = timeout(PATIENCE, response.chunk()).await.unwrap().unwrap().unwrap();
        text.push_str(std::str::from_utf8(&piece).unwrap());
    }
    let message = text.split("\n\n").find(|message| message.contains("event: change")).unwrap();
    let lines: Vec<&str> = message.lines().collect();
    assert!(lines[0].starts_with("id: 0-"), "{message}");
    assert_eq!(lines[1], "event: change");
    let data: Value = serde_json::from_str(lines[2].strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(lines[0], format!("id: 0-{}", data["revision"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_wanted_topics_are_told_and_objects_if_asked_for() {
    let face = Face::start().await;
    let mut watcher = Watcher::start(&face, "topics=machines,spaces&include=object").await;
    watcher.next_of("progress").await;
    face.create("/v1/tags", json!({ "name": "a" })).await;
    face.create("/v1/spaces", json!({ "name": "dmz" })).await;
    let space = watcher.next_of("change").await;
    assert_eq!(space["changes"][0]["object"]["name"], "dmz");
    face.create("/v1/devices", json!({ "hostname": "d" })).await;
    let node = watcher.next_of("change").await;
    assert_eq!(node["changes"][0]["path"], "/v1/nodes/1");
    assert_eq!(node["changes"][0]["object"]["hostname"], "d");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watcher_that_comes_back_fifty_times_under_load_sees_the_committed_list() {
    let config = RaftConfig { snapshot_entries: 100, entries_kept: 20, ..RaftConfig::default() };
    let face = Face::with_bounds(bounds(), config).await;
    let batch = |round: usize| -> Value {
        (0..40).map(|n| json!({ "name": format!("t{round}-{n}") })).collect()
    };
    let writes = async {
        for round in 0..150 {
            let one = round % 10 != 0;
            let body = if one { json!({ "name": format!("t{round}") }) } else { batch(round) };
            face.create("/v1/tags", body).await;
        }
    };
    let watches = async {
        let mut seen: Vec<(u64, usize)> = Vec::new();
        let mut place = "0".to_owned();
        for connection in 0..50 {
            let mut watcher = Watcher::start(&face, &format!("after={place}")).await;
            for _ in 0..=connection % 4 {
                let message = watcher.next().await.unwrap();
                place = message["id"].as_str().unwrap().to_owned();
                if message["event"] == "change" {
                    let number = message["changes"].as_array().unwrap().len();
                    seen.push((message["revision"].as_u64().unwrap(), number));
                }
            }
        }
        (seen, place)
    };
    let ((), (mut seen, place)) = tokio::join!(writes, watches);
    let all = committed(&face);
    let mut watcher = Watcher::start(&face, &format!("after={place}")).await;
    while seen.len() < all.len() {
        let message = watcher.next_of("change").await;
        let number = message["changes"].as_array().unwrap().len();
        seen.push((message["revision"].as_u64().unwrap(), number));
    }
    assert_eq!(seen, all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn place_of_another_epoch_is_gone_and_one_not_reached_is_not_yet() {
    let face = Face::start().await;
    let gone = face.get("/v1/events?after=7-1").await;
    assert_eq!((gone.status.as_u16(), gone.code()), (410, "E0109"));
    assert_eq!(gone.body["oldest"], 0);
    let ahead = face.get("/v1/events?after=0-99999999").await;
    assert_eq!(ahead.code(), "E0106");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_client_saw_last_counts_more_than_where_it_began() {
    let face = Face::start().await;
    let made = face.create("/v1/tags", json!({ "name": "a" })).await;
    let id = format!("0-{}", made["revision"]);
    let request = face.client.get(face.url("/v1/events?after=0")).header("last-event-id", &id);
    let response = request.send().await.unwrap();
    assert_eq!(
        response.headers()["regent-revision"].to_str().unwrap(),
        made["revision"].to_string()
    );
}

/// Proposes so many tags that the ring lets its oldest changes go.
async fn fill_ring(face: &Face) {
    let tag = |name: String| {
        let empty = String::new;
        let tag = Tag { name, definition: empty(), comment: empty(), kernel_opts: empty() };
        Command::Tag(Edit::Create(tag))
    };
    for batch in 0..66 {
        let steps = (0..1000).map(|n| tag(format!("t{batch}-{n}"))).collect();
        let command = Command::Batch(steps);
        let write = Write { principal: "test".into(), key: None, guards: Vec::new(), command };
        face.region.propose(write, soon()).await.unwrap().result.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watcher_older_than_what_is_kept_is_told_to_start_over() {
    let face = Face::start().await;
    let mut slow = Feed {
        format: Format::Lines,
        topics: Topics::default(),
        with_objects: false,
        seen: Place { epoch: 0, revision: Revision(1) },
    };
    fill_ring(&face).await;
    let state = face.region.published().state.clone();
    let Piece::Resync(text) = slow.next(&state) else { panic!("it fell behind") };
    let message: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(message["event"], "resync");
    assert_eq!(message["oldest"], state.meta().ring_floor.0);
    let gone = face.get("/v1/events?after=1").await;
    assert_eq!((gone.status.as_u16(), gone.code()), (410, "E0109"));
    assert_eq!(gone.body["oldest"], state.meta().ring_floor.0);
    let oldest = gone.body["oldest"].to_string();
    let mut watcher = Watcher::start(&face, &format!("after={oldest}")).await;
    let first = watcher.next_of("change").await;
    assert_eq!(first["revision"], committed(&face)[0].0, "nothing is missing from there on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_face_ends_its_feeds() {
    let face = Face::start().await;
    let mut watcher = Watcher::start(&face, "").await;
    watcher.next_of("progress").await;
    face.context.closing.send_replace(true);
    assert_eq!(watcher.next().await, None);
}

#[test]
fn every_watched_kind_has_a_topic_of_its_own() {
    struct Watched;
    impl KindVisitor for Watched {
        type Output = bool;
        fn visit<T: Stored>(self) -> bool {
            T::WATCHED
        }
    }
    let watched = (0..=u8::MAX).filter(|kind| visit_kind(*kind, Watched) == Some(true));
    let named: BTreeSet<u8> = TOPICS.iter().map(|(kind, _)| *kind as u8).collect();
    assert_eq!(watched.collect::<BTreeSet<u8>>(), named);
    let topics: BTreeSet<&str> = TOPICS.iter().map(|(_, topic)| *topic).collect();
    assert_eq!(topics.len(), TOPICS.len());
}
