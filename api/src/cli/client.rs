//! Asking the region over HTTP: any node will do, so one that does not answer is passed over.
//!
//! A write carries one idempotency key through all its attempts, so that asking a second node never applies it twice.

use crate::cli::addresses;
use crate::cli::failure::{Failure, ProblemBody};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use reqwest::{Method, Response, StatusCode, Url};
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// What opening a connection may take before the next node is asked.
const CONNECT_MAX: Duration = Duration::from_millis(800);
/// What one attempt may take, unless the call says otherwise.
const ATTEMPT_MAX: Duration = Duration::from_secs(4);
/// What a node takes at most to find out that it has no leader.
const REFUSAL_MAX: Duration = Duration::from_millis(2600);
/// Pause after all nodes were asked in vain.
const ROUND_PAUSE: Duration = Duration::from_millis(25);

/// Nodes of one region, and the patience to ask them.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    nodes: Vec<String>,
    timeout: Duration,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Call {
    /// GET, POST, …
    pub method: Method,
    /// From `/v1` on.
    pub path: String,
    /// Parameters.
    pub query: Vec<(String, String)>,
    /// Headers beside those every request has.
    pub headers: Vec<(String, String)>,
    /// The body, JSON.
    pub body: Option<Value>,
    /// The key of a write.
    pub key: Option<String>,
    /// What one node gets to answer; nodes give up by themselves earlier.
    pub patience: Duration,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The body; null if there was none.
    pub body: Value,
    /// Revision of the state it was made from.
    pub revision: Option<u64>,
    /// Whom the node takes for the leader.
    pub leader: Option<String>,
    /// The node that answered.
    pub address: String,
    /// Attempts before it that brought nothing.
    pub retries: usize,
}

/// What an attempt without an answer means.
enum Missed {
    /// Nobody was there.
    Unreachable(String),
    /// The node said that it cannot now, and that nothing was applied.
    NotNow(Failure),
    /// It was sent, and may have been applied.
    Sent(String),
    /// Asking again makes no sense.
    Final(Failure),
}

/// What was tried so far, in vain.
#[derive(Default)]
struct Tries {
    made: usize,
    /// Who was not there in this round.
    unreachable: Vec<(String, String)>,
    /// What the last refusal said.
    refused: Option<Failure>,
    /// An attempt that may have been applied.
    sent: Option<String>,
}

impl Tries {
    /// Whether another attempt may bring more than it spoils: a write that was refused so far certainly has no effect,
    /// and an attempt that has to be cut off would take that certainty away.
    fn another_is_worth_it(&self, call: &Call, left: Duration) -> bool {
        match (&self.sent, &self.refused) {
            (Some(_), _) => call.may_be_repeated() && !left.is_zero(),
            (None, Some(_)) if call.method != Method::GET => left >= REFUSAL_MAX,
            (None, Some(_) | None) => !left.is_zero(),
        }
    }

    fn given_up(self, call: &Call) -> Failure {
        let is_write = call.method != Method::GET;
        match (self.sent, self.refused) {
            (Some(why), _) if is_write => Failure::OutcomeUnknown { key: call.key.clone(), why },
            (_, Some(refused)) => refused,
            (Some(why), None) => Failure::Unreachable { tried: vec![("last attempt".into(), why)] },
            (None, None) => Failure::Unreachable { tried: self.unreachable },
        }
    }
}

impl Call {
    /// A read.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            key: None,
            patience: ATTEMPT_MAX,
        }
    }

    /// A write, with a key of its own.
    #[must_use]
    pub fn write(method: Method, path: impl Into<String>, body: Option<Value>) -> Self {
        Self { method, body, key: Some(new_key()), ..Self::get(path) }
    }

    fn url(&self, node: &str) -> Result<Url, String> {
        let mut url =
            Url::parse(&format!("{node}{}", self.path)).map_err(|error| error.to_string())?;
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }

    fn may_be_repeated(&self) -> bool {
        self.key.is_some() || self.method == Method::GET
    }
}

/// A key that nobody else has.
#[must_use]
pub fn new_key() -> String {
    format!("regent-{:032x}", rand::random::<u128>())
}

/// What every command speaks HTTP with. Nodes are asked directly, whatever proxy the environment names: secrets are
/// among what is sent.
///
/// # Errors
/// [`Failure`] if the system has no room for a client.
pub fn transport() -> Result<reqwest::Client, Failure> {
    let builder = reqwest::Client::builder().no_proxy().connect_timeout(CONNECT_MAX);
    builder
        .build()
        .map_err(|error| Failure::Unreachable { tried: vec![("client".into(), error.to_string())] })
}

impl Client {
    /// A client of these `nodes` (`host:port`), which gives up after `timeout`.
    ///
    /// # Errors
    /// [`Failure`] if no address is given or the system has no room for a client.
    pub fn new(nodes: &[String], timeout: Duration) -> Result<Self, Failure> {
        let http = transport()?;
        let nodes: Vec<String> = nodes.iter().map(|node| addresses::url(node)).collect();
        if nodes.is_empty() {
            return Err(Failure::Unreachable { tried: vec![("--addr".into(), "is empty".into())] });
        }
        Ok(Self { http, nodes, timeout })
    }

    /// Asks one node after another until one answers or the time is over.
    ///
    /// # Errors
    /// [`Failure`]; [`Failure::OutcomeUnknown`] if a write may have been applied without an answer.
    pub async fn call<'c>(&'c self, call: &'c Call) -> Result<Answer, Failure> {
        let attempt = |node: &'c str, patience| {
            let whole = async move {
                let response = self.send(node, call, Some(patience)).await?;
                read_answer(node, response).await
            };
            whole.boxed()
        };
        let (answer, retries) = self.one_after_another(call, attempt).await?;
        Ok(Answer { retries, ..answer })
    }

    /// Asks for what does not end by itself; of the time, only the answer's beginning takes part.
    ///
    /// # Errors
    /// As for [`Self::call`].
    pub async fn open<'c>(&'c self, call: &'c Call) -> Result<Response, Failure> {
        let attempt = |node: &'c str, patience| {
            let beginning = async move {
                let silent = |_| Missed::Sent("no answer in time".into());
                timeout(patience, self.send(node, call, None)).await.map_err(silent)?
            };
            beginning.boxed()
        };
        self.one_after_another(call, attempt).await.map(|(response, _)| response)
    }

    /// What the first node that answers says, and how many were asked in vain before it.
    async fn one_after_another<'c, T>(
        &'c self,
        call: &Call,
        attempt: impl Fn(&'c str, Duration) -> BoxFuture<'c, Result<T, Missed>>,
    ) -> Result<(T, usize), Failure> {
        // What takes longer than anybody waits for would never be answered.
        let timeout = if call.patience > ATTEMPT_MAX {
            self.timeout.max(call.patience)
        } else {
            self.timeout
        };
        let deadline = Instant::now() + timeout;
        let mut tries = Tries::default();
        loop {
            tries.unreachable.clear();
            for node in &self.nodes {
                let left = deadline.saturating_duration_since(Instant::now());
                if !tries.another_is_worth_it(call, left) {
                    return Err(tries.given_up(call));
                }
                match attempt(node, left.min(call.patience)).await {
                    Ok(answer) => return Ok((answer, tries.made)),
                    Err(Missed::Final(failure)) => return Err(failure),
                    Err(Missed::Unreachable(why)) => tries.unreachable.push((node.clone(), why)),
                    Err(Missed::NotNow(failure)) => tries.refused = Some(failure),
                    Err(Missed::Sent(why)) => tries.sent = Some(format!("{node}: {why}")),
                }
                tries.made += 1;
            }
            if tries.unreachable.len() == self.nodes.len() {
                return Err(tries.given_up(call));
            }
            sleep(ROUND_PAUSE).await;
        }
    }

    /// Sends a call to a node; what comes back is good, its body not read yet.
    async fn send(
        &self,
        node: &str,
        call: &Call,
        patience: Option<Duration>,
    ) -> Result<Response, Missed> {
        let url = call.url(node).map_err(|why| foreign(node, &why))?;
        let mut request = self.http.request(call.method.clone(), url);
        if let Some(patience) = patience {
            request = request.timeout(patience);
        }
        if let Some(key) = &call.key {
            request = request.header("Idempotency-Key", key);
        }
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| missed(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let request_id = header(&response, "request-id");
        let bytes = response.bytes().await.map_err(|error| missed(&error))?;
        let problem: ProblemBody = serde_json::from_slice(&bytes)
            .map_err(|_| foreign(node, &format!("it answered {status} without a problem body")))?;
        Err(judge(status, ProblemBody { request_id, status: status.as_u16(), ..problem }))
    }
}

async fn read_answer(node: &str, response: Response) -> Result<Answer, Missed> {
    let revision = header(&response, "regent-revision").parse().ok();
    let leader = Some(header(&response, "regent-leader")).filter(|leader| !leader.is_empty());
    let is_json = header(&response, "content-type").contains("json");
    let bytes = response.bytes().await.map_err(|error| missed(&error))?;
    let body = read_body(&bytes, is_json).map_err(|why| foreign(node, &why))?;
    Ok(Answer { body, revision, leader, address: node.to_owned(), retries: 0 })
}

fn header(response: &Response, name: &str) -> String {
    let value = response.headers().get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

/// A body: JSON as it is, anything else as a text, nothing as null.
fn read_body(bytes: &[u8], is_json: bool) -> Result<Value, String> {
    match (bytes, is_json) {
        ([], _) => Ok(Value::Null),
        (bytes, true) => serde_json::from_slice(bytes).map_err(|error| error.to_string()),
        (bytes, false) => Ok(Value::from(String::from_utf8_lossy(bytes))),
    }
}

/// What a refusal means for the next attempt.
fn judge(status: StatusCode, problem: ProblemBody) -> Missed {
    if problem.outcome == "unknown" {
        return Missed::Sent(problem.detail);
    }
    let failure = Failure::Problem(Box::new(problem));
    match status {
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => Missed::NotNow(failure),
        _ => Missed::Final(failure),
    }
}

fn missed(error: &reqwest::Error) -> Missed {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let why = innermost.to_string();
    if error.is_connect() || error.is_builder() {
        return Missed::Unreachable(why);
    }
    Missed::Sent(if error.is_timeout() { "no answer in time".into() } else { why })
}

fn foreign(node: &str, why: &str) -> Missed {
    Missed::Final(Failure::Foreign { address: node.to_owned(), why: why.to_owned() })
}
