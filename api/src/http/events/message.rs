//! Messages of the change feed, and the two ways they are written: server-sent events and lines of JSON.

use crate::http::answer::segment;
use crate::http::events::topic::{Topics, of_kind};
use crate::http::nouns::ALL;
use crate::http::problem::Problem;
use crate::http::wire::Wire;
use crate::problem_kind::ProblemKind;
use regent_core::change::{Change, Operation};
use regent_core::revision::Revision;
use regent_core::state::State;
use serde_json::{Value, json};

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `text/event-stream` (HTML Living Standard, server-sent events).
    ServerSentEvents,
    /// `application/x-ndjson`: one JSON object a line.
    Lines,
}

impl Format {
    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::ServerSentEvents => "text/event-stream",
            Self::Lines => "application/x-ndjson",
        }
    }

    /// The format a client accepts, server-sent events if it does not mind.
    ///
    /// # Errors
    /// [`Problem`] if it accepts neither.
    pub fn wanted(accept: Option<&str>) -> Result<Self, Problem> {
        // A list of media ranges (RFC 9110, 12.5.1), whose weights would not change what we have to offer.
        let ranges = accept.unwrap_or("*/*").split(',');
        let types = ranges.map(|range| range.split(';').next().unwrap_or_default().trim());
        let types: Vec<String> = types.map(str::to_ascii_lowercase).collect();
        let any = |known: &[&str]| types.iter().any(|wanted| known.contains(&wanted.as_str()));
        if any(&["application/x-ndjson", "application/ndjson"]) {
            Ok(Self::Lines)
        } else if any(&["text/event-stream", "text/*", "*/*", ""]) {
            Ok(Self::ServerSentEvents)
        } else {
            let detail = "only text/event-stream and application/x-ndjson are offered";
            Err(Problem::new(ProblemKind::NotAcceptable, detail))
        }
    }

    /// One message in this format.
    #[must_use]
    pub fn write(self, place: Place, event: &str, mut data: Value) -> String {
        match self {
            Self::ServerSentEvents => format!("id: {place}\nevent: {event}\ndata: {data}\n\n"),
            Self::Lines => {
                if let Value::Object(fields) = &mut data {
                    fields.insert("event".into(), event.into());
                    fields.insert("id".into(), place.to_string().into());
                }
                format!("{data}\n")
            }
        }
    }
}

/// A place in the feed: what a watcher has seen. Good on every node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The epoch, since revisions of another one mean nothing here.
    pub epoch: u64,
    /// Everything up to this revision was seen.
    pub revision: Revision,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.epoch, self.revision)
    }
}

/// All changes of one revision that a watcher wants; nothing if there are none.
#[must_use]
pub fn changes(
    state: &State,
    revision: Revision,
    changes: &[Change],
    topics: &Topics,
    with_objects: bool,
) -> Option<Value> {
    let wanted = changes.iter().filter(|change| topics.wants(change.object.kind));
    let shown: Vec<Value> = wanted.map(|change| show(state, change, with_objects)).collect();
    (!shown.is_empty()).then(|| json!({ "revision": revision, "changes": shown }))
}

fn show(state: &State, change: &Change, with_objects: bool) -> Value {
    let op = match change.operation {
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Delete => "delete",
    };
    let topic = of_kind(change.object.kind);
    let mut shown = json!({ "topic": topic, "op": op, "id": change.object.key.show() });
    if let Some(noun) = ALL.iter().find(|noun| noun.path() == topic) {
        let path = format!("/v1/{topic}/{}", segment(&change.object.key));
        shown["path"] = path.into();
        if with_objects {
            let object = noun.view(state, &change.object.key);
            shown["object"] = object.map_or(Value::Null, |view| view.into_value());
        }
    }
    shown
}
