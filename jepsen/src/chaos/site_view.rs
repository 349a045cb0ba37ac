//! What a node shows of a site that is replaced: the one or the other, as a whole; and what it tells those who follow its changes.

use anyhow::Context as _;
use reqwest::{Client, StatusCode};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// Machines asked for at once: the most there can be.
const PAGE_ITEMS: usize = 1000;
/// What one answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// Pause between two looks.
const LOOK_PAUSE: Duration = Duration::from_millis(5);
/// How long a node may take to tell that everything is another now: one that was killed has to be back by then.
const TOLD_MAX: Duration = Duration::from_secs(180);
/// What changes of machines are told under.
const MACHINES_TOPIC: &str = "nodes";
/// Names that are told.
const TOLD_NAMES: usize = 3;

/// Two sites by the names of their machines, no more than a page of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sites {
    /// What is there.
    pub old: BTreeSet<String>,
    /// What takes its place.
    pub new: BTreeSet<String>,
}

/// What was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// So often.
    pub looks: u64,
    /// What was no whole site, in words.
    pub part: Option<String>,
}

/// What somebody was told who follows changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Feed {
    /// To begin anew.
    Anew,
    /// Something else.
    Told(String),
}

impl Sites {
    /// What these names are, unless they are those of one of the two.
    fn part(&self, shown: &BTreeSet<String>) -> Option<String> {
        if *shown == self.old || *shown == self.new {
            return None;
        }
        let of = |site: &BTreeSet<String>| shown.intersection(site).count();
        let (old, new) = (of(&self.old), of(&self.new));
        let others: Vec<_> = shown.difference(&self.old).take(TOLD_NAMES).collect();
        let (had, has) = (self.old.len(), self.new.len());
        Some(format!("{old} of {had} old machines, {new} of {has} new ones, such as {others:?}"))
    }
}

/// The names of the machines of a node, up to a page of them; it knows them to be up to date.
///
/// # Errors
/// When it does not answer.
pub async fn machines(http: &Client, api: &str) -> anyhow::Result<BTreeSet<String>> {
    page(http, api, "linearizable").await
}

async fn page(http: &Client, api: &str, consistency: &str) -> anyhow::Result<BTreeSet<String>> {
    let url = format!("http://{api}/v1/machines?consistency={consistency}&limit={PAGE_ITEMS}");
    let answer = http.get(url).timeout(ANSWER_MAX).send().await?.error_for_status()?;
    let page: Value = answer.json().await?;
    let items = page["items"].as_array().context("a list without items")?;
    let name = |item: &Value| item["hostname"].as_str().map(str::to_owned);
    items.iter().map(name).collect::<Option<_>>().context("a machine without a name")
}

/// Looks at what a node has itself, again and again, until it is stopped or dies.
pub async fn watch(
    http: Client,
    api: String,
    sites: Arc<Sites>,
    stopped: watch::Receiver<bool>,
) -> Seen {
    let mut seen = Seen::default();
    while !*stopped.borrow() && seen.part.is_none() {
        // What it has when it comes back may be older than the old site, and is looked at later.
        let Ok(shown) = page(&http, &api, "stale").await else { break };
        seen.looks += 1;
        seen.part = sites.part(&shown);
        sleep(LOOK_PAUSE).await;
    }
    seen
}

/// Follows the changes of a node behind a revision, until it is told of machines or to begin anew; comes back if it dies.
pub async fn follow(http: Client, api: String, after: u64) -> Feed {
    let until = Instant::now() + TOLD_MAX;
    while Instant::now() < until {
        match timeout(until - Instant::now(), news(&http, &api, after)).await {
            Ok(Ok(Some(feed))) => return feed,
            // It was cut off, or the node is not there.
            Ok(Ok(None) | Err(_)) => sleep(LOOK_PAUSE * 10).await,
            Err(_) => break,
        }
    }
    Feed::Told("nothing".to_owned())
}

/// The first message that tells of machines, or that everything is another now; none if the feed ends before.
async fn news(http: &Client, api: &str, after: u64) -> reqwest::Result<Option<Feed>> {
    let request = http.get(format!("http://{api}/v1/events?after={after}"));
    let mut answer = request.header("Accept", "application/x-ndjson").send().await?;
    if answer.status() == StatusCode::GONE {
        return Ok(Some(Feed::Anew));
    }
    if !answer.status().is_success() {
        return Ok(None);
    }
    let mut text = Vec::new();
    while let Some(piece) = answer.chunk().await? {
        text.extend_from_slice(&piece);
        while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
            let line: Vec<_> = text.drain(..=end).collect();
            if let Some(feed) = read(&line) {
                return Ok(Some(feed));
            }
        }
    }
    Ok(None)
}

/// Leases of the old site may still end by themselves; nobody but the import touches machines.
fn read(line: &[u8]) -> Option<Feed> {
    let message: Value = serde_json::from_slice(line).unwrap_or_default();
    let is_of_machine = |change: &Value| change["topic"] == MACHINES_TOPIC;
    let is_told = || message["changes"].as_array().is_none_or(|all| all.iter().any(is_of_machine));
    match message["event"].as_str() {
        Some("progress") => None,
        Some("resync") => Some(Feed::Anew),
        Some("change") if !is_told() => None,
        Some(_) | None => Some(Feed::Told(String::from_utf8_lossy(line).trim().to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::{Feed, Sites, read};
    use serde_json::json;

    #[test]
    fn site_is_the_old_or_the_new_one_and_nothing_between() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let sites = Sites { old: names(&["a", "b"]), new: names(&["c", "d"]) };
        let is_whole = |shown: &[&str]| sites.part(&names(shown)).is_none();
        assert!(is_whole(&["a", "b"]) && is_whole(&["d", "c"]));
        for part in [&["c"][..], &["a", "b", "c"], &[], &["e"]] {
            assert!(!is_whole(part), "{part:?}");
        }
    }

    #[test]
    fn feed_tells_to_begin_anew_and_no_change_of_a_machine() {
        assert_eq!(read(br#"{"event":"progress","id":"1-9"}"#), None);
        assert_eq!(read(br#"{"event":"resync","id":"1-9"}"#), Some(Feed::Anew));
        let change = |topic: &str| {
            let changes = [json!({ "topic": topic, "op": "update", "id": 1 })];
            json!({ "event": "change", "id": "1-9", "changes": changes }).to_string()
        };
        assert_eq!(read(change("leases").as_bytes()), None, "it ended before the import did");
        assert!(matches!(read(change("nodes").as_bytes()), Some(Feed::Told(_))));
        assert!(matches!(read(b"{}"), Some(Feed::Told(_))));
    }
}
