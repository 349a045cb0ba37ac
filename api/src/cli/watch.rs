//! `regent watch`: every change as it happens, for as long as somebody looks. Lost connections are made anew, to any
//! node, behind what was seen.

use crate::cli::arguments::Watch;
use crate::cli::client::Call;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::tell;
use crate::cli::session::Session;
use crate::cli::table;
use reqwest::Response;
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// Without a word for so long a node is taken for gone; it says where it is every ten seconds.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// Bytes of one message; a revision is one entry of the log with at most some thousand changes.
const MESSAGE_BYTES_MAX: usize = 64 << 20;

/// Follows until there were enough, or for ever.
///
/// # Errors
/// [`Failure`] if no node can be reached, or none has what comes behind what was seen.
pub async fn run(typed: &Watch, session: &Session) -> Result<Exit, Failure> {
    let mut seen = typed.after.clone();
    let mut left = typed.limit.unwrap_or(u64::MAX);
    while left > 0 {
        let mut lines = Lines::of(session.client.open(&call(typed, seen.as_deref())).await?);
        while left > 0
            && let Some(line) = lines.next().await
        {
            let Ok(message) = serde_json::from_slice::<Value>(&line) else { break };
            seen = message["id"].as_str().map(str::to_owned).or(seen);
            left -= u64::from(show(&message, session));
        }
    }
    Ok(Exit::Ok)
}

fn call(typed: &Watch, seen: Option<&str>) -> Call {
    let include = typed.objects.then_some("object");
    let query = [("topics", typed.topics.as_deref()), ("after", seen), ("include", include)];
    let given = query.into_iter().filter_map(|(name, value)| Some((name.into(), value?.into())));
    let headers = vec![("Accept".to_owned(), "application/x-ndjson".to_owned())];
    Call { query: given.collect(), headers, ..Call::get("/v1/events") }
}

/// Shows a message; whether it told of changes.
fn show(message: &Value, session: &Session) -> bool {
    match message["event"].as_str() {
        Some("change") => {
            session.format.show(message, told);
            true
        }
        Some("resync") => {
            tell("some changes are no longer kept: list again what you follow");
            false
        }
        Some(_) | None => false,
    }
}

fn told(message: &Value) -> String {
    let revision = table::cell(message.get("revision"));
    let changes = message["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let line = |change: &Value| {
        let op = table::cell(change.get("op"));
        let topic = || format!("{} {}", table::cell(change.get("topic")), &change["id"]);
        let object = change["path"].as_str().map_or_else(topic, str::to_owned);
        format!("{revision}  {op:<6}  {object}\n")
    };
    changes.iter().map(line).collect()
}

/// The lines of an answer that goes on.
struct Lines {
    response: Response,
    read: Vec<u8>,
}

impl Lines {
    const fn of(response: Response) -> Self {
        Self { response, read: Vec::new() }
    }

    /// The next line; none if the node is gone.
    async fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let rest = self.read.split_off(end + 1);
                return Some(std::mem::replace(&mut self.read, rest));
            }
            let chunk = timeout(SILENCE_MAX, self.response.chunk()).await.ok()?.ok()??;
            self.read.extend_from_slice(&chunk);
            if self.read.len() > MESSAGE_BYTES_MAX {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::told;
    use serde_json::json;

    #[test]
    fn each_change_of_a_revision_is_a_line() {
        let message = json!({ "event": "change", "revision": 12, "changes": [
            { "topic": "tags", "op": "create", "id": 1, "path": "/v1/tags/1" },
            { "topic": "members", "op": "update", "id": 2 },
        ] });
        assert_eq!(told(&message), "12  create  /v1/tags/1\n12  update  members 2\n");
    }
}
