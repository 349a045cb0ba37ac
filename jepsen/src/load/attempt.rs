//! One request and what its answer makes certain.

use crate::load::intent::{BALLAST_BYTES, Intent};
use crate::load::meter::Entrance;
use crate::load::record::Fate;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

/// How long a client waits for an answer; nodes give up a little earlier.
pub const ANSWER_MAX: Duration = Duration::from_secs(3);

/// What one request came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// What is certain.
    pub fate: Fate,
    /// Whether the same request may fare better, now or elsewhere.
    pub again: Again,
    /// Who took it, if that was told.
    pub entrance: Entrance,
    /// Name of the leader that the answer told.
    pub leader: Option<String>,
    /// The code of the problem, or what there was instead of one; `None` if all went well.
    pub code: Option<String>,
    /// The address that the answer gave.
    pub address: Option<String>,
}

/// Whether to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// There is an answer, and it stays.
    Never,
    /// The node answered, but could not do it now.
    Soon,
    /// The node is not there.
    Elsewhere,
}

/// Sends a write to the node with this API.
pub async fn send(http: &Client, api: &str, intent: &Intent, key: Option<&str>) -> Answered {
    match request(http, api, intent, key).send().await {
        Ok(response) => read(response, intent.target).await,
        // Nothing was sent, so nothing can come of it.
        Err(error) if error.is_connect() => {
            refused("no connection", "no connection", Again::Elsewhere)
        }
        Err(_) => unknown("no answer", Again::Elsewhere),
    }
}

fn request(http: &Client, api: &str, intent: &Intent, key: Option<&str>) -> RequestBuilder {
    let path = intent.path();
    let request = match intent.target {
        None => http.post(format!("http://{api}{path}")).json(&intent.body),
        Some(_) if intent.ballast_texts > 0 => {
            http.post(format!("http://{api}/v1/txn")).json(&heavy(intent, &path))
        }
        Some(_) => http.patch(format!("http://{api}{path}")).json(&intent.body),
    };
    let request = request.timeout(ANSWER_MAX);
    match key {
        Some(key) => request.header("Idempotency-Key", key),
        None => request,
    }
}

/// A transaction that changes the object several times; what it has in the end is what was intended.
fn heavy(intent: &Intent, path: &str) -> Value {
    let step = |body: Value| json!({ "op": "patch", "path": path, "body": body });
    let mut text = serde_json::Map::new();
    text.insert(intent.noun.marked_field().to_owned(), "-".repeat(BALLAST_BYTES).into());
    let mut steps = vec![step(text.into()); intent.ballast_texts];
    steps.push(step(intent.body.clone()));
    json!({ "then": steps })
}

/// A transaction does not tell the object, but then it is the one that was meant.
async fn read(response: Response, target: Option<u64>) -> Answered {
    let status = response.status();
    let header = |name| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
    let (node, leader) = (header("regent-node"), header("regent-leader"));
    let revision = header("regent-revision").and_then(|revision| revision.parse().ok());
    let entrance = if node == leader { Entrance::Leader } else { Entrance::Follower };
    // An answer that breaks off leaves open what it would have said.
    let Ok(body) = response.json::<Value>().await else {
        return unknown(&named(status, "broken off"), Again::Soon);
    };
    if status.is_success() {
        // One object answers for itself, addresses that were taken come as a list.
        let made = body.pointer("/items/0").unwrap_or(&body);
        let address = made.get("ip").and_then(Value::as_str).map(str::to_owned);
        let object = made.get("id").and_then(Value::as_u64).or(target);
        return match (revision, object) {
            (Some(revision), Some(object)) => {
                let fate = Fate::Acknowledged { revision, object };
                Answered { fate, again: Again::Never, entrance, leader, code: None, address }
            }
            (_, _) => unknown(&named(status, "without revision or object"), Again::Never),
        };
    }
    let text = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or_default();
    let retryable = body.get("retryable") == Some(&Value::Bool(true));
    let again = if retryable { Again::Soon } else { Again::Never };
    let code = named(status, text("code"));
    match text("outcome") {
        "not_applied" => refused(&code, &format!("{} {}", text("code"), text("detail")), again),
        _ => unknown(&code, again),
    }
}

/// The code, and the status before it if that says more: an internal failure, or no problem at all.
fn named(status: StatusCode, code: &str) -> String {
    if status == StatusCode::INTERNAL_SERVER_ERROR || !code.starts_with('E') {
        format!("HTTP {} {code}", status.as_u16())
    } else {
        code.to_owned()
    }
}

fn refused(code: &str, why: &str, again: Again) -> Answered {
    let fate = Fate::Refused { why: why.to_owned() };
    let code = Some(code.to_owned());
    Answered { fate, again, entrance: Entrance::Follower, leader: None, code, address: None }
}

fn unknown(code: &str, again: Again) -> Answered {
    let (fate, code) = (Fate::Unknown, Some(code.to_owned()));
    Answered { fate, again, entrance: Entrance::Follower, leader: None, code, address: None }
}
