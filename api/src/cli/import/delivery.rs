//! Brings a packed site to a region over HTTP. Every step can be repeated, so it is, on any node, until one answers.

use crate::cli::addresses;
use crate::cli::client::transport;
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, ProblemBody};
use crate::cli::import::progress::Bar;
use crate::cli::import::transfer::Transfer;
use crate::problem_kind::ProblemKind;
use regent_core::codec;
use regent_core::query::site_difference::{Stretch, StretchDifference};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Pause between two attempts of one step.
const PAUSE: Duration = Duration::from_millis(200);
/// What one attempt of a step may take before another node is asked.
const ATTEMPT_MAX: Duration = Duration::from_secs(5);
/// What one attempt of a commit may take: it builds the whole site before it is answered.
const COMMIT_ATTEMPT_MAX: Duration = Duration::from_secs(310);
/// Code of a region that takes in another import.
const IMPORT_RUNNING: &str = ProblemKind::ImportRunning.code();

/// How a region answers to the first step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It collects what comes, from now on.
    Started,
    /// It collects what comes since an earlier run.
    GoneOnWith,
    /// The same content is there already.
    AlreadyThere,
}

/// An import as a region shows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Standing {
    /// Its name.
    pub id: String,
    /// What tells it from any other, in hexadecimal digits.
    pub source: Option<String>,
    /// Whether it is the state of the site now.
    pub committed: bool,
}

impl Standing {
    /// Whether it brought the same.
    #[must_use]
    pub fn is(&self, transfer: &Transfer) -> bool {
        self.source.as_ref().is_some_and(|source| *source == hex(&transfer.source))
    }
}

#[derive(Deserialize)]
struct Standings {
    items: Vec<Standing>,
}

/// The nodes of a region.
pub struct Delivery {
    client: Client,
    nodes: Vec<String>,
    /// How long a step is tried again while no node carries it out.
    timeout: Duration,
    /// The node that answered last: it is asked first.
    current: AtomicUsize,
}

impl Delivery {
    /// To any of these nodes, HOST:PORT. A step that none of them carries out is given up after `timeout`.
    ///
    /// # Errors
    /// [`Failure`] if no node is named or the system has no room for a client.
    pub fn new(nodes: &[String], timeout: Duration) -> Result<Self, Failure> {
        if nodes.is_empty() {
            return Err(Failure::Unreachable { tried: vec![("--addr".into(), "is empty".into())] });
        }
        let nodes = nodes.iter().map(|node| addresses::url(node)).collect();
        Ok(Self { client: transport()?, nodes, timeout, current: AtomicUsize::new(0) })
    }

    /// What was imported last; nothing if nothing was.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn imported(&self) -> Result<Option<Standing>, Failure> {
        let answer = self.step(|node| self.client.get(url(node, ""))).await?;
        let list: Standings = answer.json().await.map_err(|error| senseless(&error))?;
        Ok(list.items.into_iter().find(|import| import.committed))
    }

    /// Begins; from here to the end the region takes no other writes.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn begin(&self, transfer: &Transfer, replace: bool) -> Result<Begun, Failure> {
        let begin = json!({
            "id": transfer.id.0,
            "source": hex(&transfer.source),
            "replace": replace,
            "zone_serial": transfer.continues.zone_serial,
            "last_ids": transfer.continues.last_ids,
        });
        let answer = self.step(|node| self.client.post(url(node, "")).json(&begin)).await?;
        let is_new = answer.status() == StatusCode::CREATED;
        let view: Standing = answer.json().await.map_err(|error| senseless(&error))?;
        Ok(match (view.committed, is_new) {
            (true, _) => Begun::AlreadyThere,
            (false, true) => Begun::Started,
            (false, false) => Begun::GoneOnWith,
        })
    }

    /// How a stretch of a site differs from what the region has.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn compare(&self, stretch: &Stretch) -> Result<StretchDifference, Failure> {
        let body = codec::seal(stretch);
        let url = |node: &str| format!("{node}/v1/import-comparisons");
        let answer = self.step(|node| self.client.post(url(node)).body(body.clone())).await?;
        let sealed = answer.bytes().await.map_err(|error| senseless(&error))?;
        codec::open(&sealed).map_err(|error| senseless(&error))
    }

    /// Sends what was begun, to the end.
    ///
    /// # Errors
    /// [`Failure`]; with [`Exit::OutcomeUnknown`] if nobody said what became of the last step.
    pub async fn finish(&self, transfer: &Transfer) -> Result<(), Failure> {
        let mut bar = Bar::new("sending");
        let total = transfer.chunks.len() as u64;
        for (number, rows) in (0_u64..).zip(&transfer.chunks) {
            let path = format!("/{}/chunks/{number}", transfer.id.0);
            let body = codec::seal(rows);
            let send = |node: &str| {
                let request = self.client.post(url(node, &path)).body(body.clone());
                request.header("Content-Type", "application/octet-stream")
            };
            self.step(send).await?;
            bar.show(number + 1, Some(total));
        }
        let path = format!("/{}/commit", transfer.id.0);
        let commit = json!({ "count": transfer.count, "digest": transfer.digest.to_string() });
        let send = |node: &str| self.client.post(url(node, &path)).json(&commit);
        self.answer(send, COMMIT_ATTEMPT_MAX).await.map(drop).map_err(after_commit)
    }

    /// Lets the region drop what it has collected, so that it takes other writes again.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn abandon(&self, transfer: &Transfer) -> Result<(), Failure> {
        let path = format!("/{}", transfer.id.0);
        self.step(|node| self.client.delete(url(node, &path))).await.map(drop)
    }

    async fn step(&self, ask: impl Fn(&str) -> RequestBuilder) -> Result<Response, Failure> {
        self.answer(ask, ATTEMPT_MAX.min(self.timeout)).await.map_err(|missed| missed.failure)
    }

    /// The first good answer of any node.
    async fn answer(
        &self,
        ask: impl Fn(&str) -> RequestBuilder,
        attempt_max: Duration,
    ) -> Result<Response, Missed> {
        let deadline = Instant::now() + self.timeout;
        let mut missed = Missed::from(Failure::Unreachable { tried: Vec::new() });
        for attempts in 1.. {
            let current = self.current.load(Ordering::Relaxed);
            let node = &self.nodes[current % self.nodes.len()];
            match ask(node).timeout(attempt_max).send().await {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) => missed.failure = refusal(node, response).await?,
                Err(error) => {
                    missed.sent |= !error.is_connect();
                    missed.failure = unreachable(node, &error);
                }
            }
            self.current.store(current + 1, Ordering::Relaxed);
            // However impatient: a node that hangs is no reason not to ask the others.
            if attempts >= self.nodes.len() && Instant::now() + PAUSE > deadline {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(missed)
    }
}

/// A step that no node carried out, as far as is known.
struct Missed {
    /// The last answer.
    failure: Failure,
    /// Whether one may have carried it out and not said so.
    sent: bool,
}

impl From<Failure> for Missed {
    fn from(failure: Failure) -> Self {
        Self { failure, sent: false }
    }
}

/// What a refusal means: whether another attempt may succeed, or else the end.
async fn refusal(node: &str, response: Response) -> Result<Failure, Failure> {
    let status = response.status();
    let Ok(problem) = response.json::<ProblemBody>().await else {
        let why = format!("it answered {status} without a problem body");
        return Err(Failure::Foreign { address: node.to_owned(), why });
    };
    let may_work_later = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    let is_final = problem.code == IMPORT_RUNNING || !may_work_later;
    let failure = Failure::Problem(Box::new(ProblemBody { status: status.as_u16(), ..problem }));
    if is_final { Err(failure) } else { Ok(failure) }
}

fn unreachable(node: &str, error: &reqwest::Error) -> Failure {
    let why = if error.is_timeout() { "no answer in time".to_owned() } else { error.to_string() };
    Failure::Unreachable { tried: vec![(node.to_owned(), why)] }
}

/// A commit of which nobody said what became of it. All other steps leave the site as it was.
fn after_commit(missed: Missed) -> Failure {
    let says_so = |problem: &ProblemBody| problem.outcome == "unknown";
    let is_unknown = matches!(&missed.failure, Failure::Problem(problem) if says_so(problem));
    if !missed.sent && !is_unknown {
        return missed.failure;
    }
    Failure::refused(
        Exit::OutcomeUnknown,
        "whether the import was committed is unknown",
        missed.failure.to_string().lines().next().unwrap_or_default(),
        "run the same command again: it finds it there, or goes on with it",
    )
}

/// An answer that was cut off or makes no sense.
fn senseless(error: &dyn std::error::Error) -> Failure {
    Failure::Foreign { address: "the region".into(), why: error.to_string() }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn url(node: &str, path: &str) -> String {
    format!("{node}/v1/imports{path}")
}
