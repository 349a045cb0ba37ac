//! Somebody who follows the changes of registers: connection after connection, each at the next node, each behind what was
//! seen before.
//!
//! A message may hold an object in a later state than its own revision's. What is noted then ends before it and begins anew
//! behind it: two pieces, between which nothing is said to have been seen.

use crate::chaos::dice::Dice;
use crate::chaos::workload::place::{Ground, unquoted};
use crate::chaos::workload::session::Session;
use regent_check::history::line::{Function, Instant, Operation, Verdict};
use reqwest::{Client, Response, StatusCode, header};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// How long one connection is kept, in milliseconds: at least, and less than. Most that can go wrong does where one ends and
/// the next begins.
const CONNECTION_MS: (u64, u64) = (20, 600);
/// What a node may take to begin.
const BEGIN_MAX: Duration = Duration::from_secs(1);
/// Pause before the next connection.
const PAUSE: Duration = Duration::from_millis(20);
/// What the keys of registers begin with.
const PREFIX: &str = "reg-";
/// Longest message that is waited for.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// A watcher.
pub struct Watcher {
    /// The node it begins at.
    pub node: usize,
    /// Where it watches.
    pub ground: Arc<Ground>,
    /// For its connections.
    pub http: Client,
    /// How long they are kept.
    pub dice: Dice,
    /// What it noted.
    pub session: Session,
}

/// What one connection has told so far.
struct Stream {
    /// What is over, in order.
    pieces: Vec<Piece>,
    last: Piece,
    /// Whether what comes next is gone: the next connection begins anew.
    is_broken: bool,
}

/// All changes behind one revision and up to another.
struct Piece {
    from: u64,
    to: u64,
    events: Vec<Value>,
    asked: Instant,
    over: Instant,
}

impl Watcher {
    /// Watches until it is told to stop; tells all it saw.
    pub async fn work(mut self, stopped: watch::Receiver<bool>) -> Vec<Operation> {
        let ground = Arc::clone(&self.ground);
        let registers = ground.registers.iter();
        let keys: BTreeMap<_, _> =
            registers.map(|register| (register.record, register.key.as_str())).collect();
        let mut after = None;
        for turn in 0_usize.. {
            if *stopped.borrow() {
                break;
            }
            let node = &ground.nodes[(self.node + turn) % ground.nodes.len()];
            let asked = self.session.now();
            match self.open(&node.api, after).await {
                Opened::At(now, response) => {
                    // What a node says to begin behind counts only where it was not told.
                    let mut stream = Stream::begin(after.unwrap_or(now), asked);
                    let kept = self.dice.between(CONNECTION_MS.0, CONNECTION_MS.1);
                    let following = stream.follow(response, &keys, || self.session.now());
                    // The end of its time, and what is not whole by then, comes again on the next one.
                    drop(timeout(Duration::from_millis(kept), following).await);
                    after = (!stream.is_broken).then_some(stream.last.to);
                    self.note(&node.name, stream);
                }
                Opened::Gone => {
                    let mut stream = Stream::begin(after.unwrap_or_default(), asked);
                    stream.is_broken = true;
                    self.note(&node.name, stream);
                    after = None;
                }
                Opened::Not => {}
            }
            sleep(PAUSE).await;
        }
        self.session.end()
    }

    async fn open(&self, api: &str, after: Option<u64>) -> Opened {
        let after = after.map(|after| format!("&after={after}")).unwrap_or_default();
        let url = format!("http://{api}/v1/events?topics=dns-records&include=object{after}");
        let request = self.http.get(url).header(header::ACCEPT, "application/x-ndjson").send();
        let Ok(Ok(response)) = timeout(BEGIN_MAX, request).await else { return Opened::Not };
        if response.status() == StatusCode::GONE {
            return Opened::Gone;
        }
        let revision = response.headers().get("regent-revision");
        let revision = revision.and_then(|text| text.to_str().ok()?.parse().ok());
        match revision {
            Some(revision) if response.status().is_success() => Opened::At(revision, response),
            Some(_) | None => Opened::Not,
        }
    }

    fn note(&mut self, node: &str, mut stream: Stream) {
        stream.last.over = self.session.now();
        let whole = stream.pieces.into_iter().map(|piece| (piece, false));
        for (piece, is_broken) in whole.chain([(stream.last, stream.is_broken)]) {
            let Piece { from, to, events, asked, over } = piece;
            let mut output = json!({ "events": events, "to": to });
            if is_broken {
                output["compacted"] = true.into();
            }
            self.session.note(Operation {
                key: Some(PREFIX.to_owned()),
                input: Some(json!({ "from": from })),
                output: Some(output),
                answered: Some(over),
                verdict: Verdict::Ok,
                ..self.session.asked(Function::Watch, node, asked)
            });
        }
    }
}

/// What became of a connection.
enum Opened {
    /// It has begun; without a word where, behind this revision.
    At(u64, Response),
    /// What comes next is not kept any more.
    Gone,
    /// There is none.
    Not,
}

impl Stream {
    const fn begin(from: u64, asked: Instant) -> Self {
        Self { pieces: Vec::new(), last: Piece::begin(from, asked), is_broken: false }
    }

    async fn follow(
        &mut self,
        mut response: Response,
        keys: &BTreeMap<u64, &str>,
        now: impl Fn() -> Instant,
    ) {
        let mut bytes = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            bytes.extend_from_slice(&chunk);
            while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = bytes.drain(..=end).collect();
                self.message(&line, keys, now());
            }
            if self.is_broken || bytes.len() > MESSAGE_BYTES_MAX {
                break;
            }
        }
    }

    fn message(&mut self, line: &[u8], keys: &BTreeMap<u64, &str>, now: Instant) {
        let Ok(message) = serde_json::from_slice::<Value>(line) else { return };
        let id = message["id"].as_str().unwrap_or_default();
        let revision = id.split_once('-').and_then(|(_, revision)| revision.parse().ok());
        let Some(revision) = revision else { return };
        if message["event"] == "resync" {
            self.is_broken = true;
            return;
        }
        let changes = message["changes"].as_array().into_iter().flatten();
        let of_registers = changes.filter_map(|change| {
            let key = keys.get(&change["id"].as_u64()?)?;
            Some(event(revision, key, change))
        });
        match of_registers.collect::<Option<Vec<_>>>() {
            Some(events) => {
                self.last.events.extend(events);
                self.last.to = revision;
            }
            None => {
                let mut piece = std::mem::replace(&mut self.last, Piece::begin(revision, now));
                piece.to = piece.to.max(revision - 1);
                piece.over = now;
                self.pieces.push(piece);
            }
        }
    }
}

impl Piece {
    const fn begin(from: u64, asked: Instant) -> Self {
        Self { from, to: from, events: Vec::new(), asked, over: asked }
    }
}

/// An event, if the value it tells is that of its revision.
fn event(revision: u64, key: &str, change: &Value) -> Option<Value> {
    let object = &change["object"];
    let data = object["rrdata"].as_str().filter(|_| object["revision"] == revision)?;
    Some(json!([revision, key, unquoted(data)]))
}

#[cfg(test)]
mod tests {
    use super::Stream;
    use regent_check::history::line::Instant;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn told(lines: &[&str]) -> Stream {
        let mut stream = Stream::begin(4, Instant(0));
        let keys = BTreeMap::from([(7, "reg-0")]);
        lines.iter().for_each(|line| stream.message(line.as_bytes(), &keys, Instant(9)));
        stream
    }

    fn change(revision: u64, shown: u64) -> String {
        let object = json!({ "rrdata": "\"v1-1\"", "revision": shown });
        let change = json!({ "topic": "dns-records", "op": "update", "id": 7, "object": object });
        let id = format!("1-{revision}");
        json!({ "event": "change", "id": id, "changes": [change] }).to_string()
    }

    #[test]
    fn value_that_is_later_than_its_revision_is_left_out_with_its_revision() {
        let stream = told(&[&change(5, 5), &change(7, 8), &change(8, 8)]);
        let [piece] = &stream.pieces[..] else { panic!("{}", stream.pieces.len()) };
        assert_eq!((piece.from, piece.to, piece.over), (4, 6, Instant(9)));
        assert_eq!(piece.events, [json!([5, "reg-0", "v1-1"])]);
        assert_eq!((stream.last.from, stream.last.to), (7, 8));
        assert_eq!(stream.last.events, [json!([8, "reg-0", "v1-1"])]);
    }

    #[test]
    fn other_records_are_passed_over_and_progress_is_seen() {
        let other = r#"{"event":"change","id":"1-5","changes":[{"id":8}]}"#;
        let stream = told(&[other, r#"{"event":"progress","id":"1-9"}"#, "no message"]);
        let last = &stream.last;
        assert_eq!((last.events.len(), last.to, stream.is_broken), (0, 9, false));
    }

    #[test]
    fn what_is_not_kept_any_more_ends_the_stream() {
        let stream = told(&[r#"{"event":"resync","id":"1-9"}"#]);
        assert_eq!((stream.last.to, stream.is_broken), (4, true));
    }
}
