//! The HTTP API of a cluster, asked through whichever node answers: for what a run has to make and to look at.

use anyhow::Context as _;
use reqwest::{Client, Method, Response};
use serde_json::Value;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// What one request may take.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// How long a request is tried.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two tries.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// A cluster's API.
#[derive(Clone, Debug)]
pub struct Api {
    http: Client,
    /// `host:port` of each node.
    nodes: Vec<String>,
}

/// What a request says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A JSON value.
    Json(Value),
    /// Bytes in the sealed form of the log.
    Sealed(Vec<u8>),
}

impl Api {
    /// That of nodes with these APIs (`host:port`).
    #[must_use]
    pub const fn new(http: Client, nodes: Vec<String>) -> Self {
        Self { http, nodes }
    }

    /// Reads what is at a path.
    ///
    /// # Errors
    /// If no node answers in time, or it is refused.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::GET, path, None).await
    }

    /// Makes something.
    ///
    /// # Errors
    /// If no node takes it in time, or it is refused.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::POST, path, Some(&Content::Json(body.clone()))).await
    }

    /// The same with whatever it takes.
    ///
    /// # Errors
    /// If no node takes it in time, or it is refused.
    pub async fn send(&self, path: &str, content: &Content) -> anyhow::Result<Value> {
        self.call(Method::POST, path, Some(content)).await
    }

    /// Changes something.
    ///
    /// # Errors
    /// If no node takes it in time, or it is refused.
    pub async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::PATCH, path, Some(&Content::Json(body.clone()))).await
    }

    /// The same key each time makes a write that is tried again one write.
    async fn call(
        &self,
        method: Method,
        path: &str,
        content: Option<&Content>,
    ) -> anyhow::Result<Value> {
        let key = format!("{:032x}", rand::random::<u128>());
        let until = Instant::now() + PATIENCE;
        for node in self.nodes.iter().cycle() {
            let request = self.http.request(method.clone(), format!("http://{node}{path}"));
            let request = match content {
                None => request,
                Some(Content::Json(body)) => request.json(body).header("Idempotency-Key", &key),
                Some(Content::Sealed(bytes)) => request
                    .body(bytes.clone())
                    .header("Content-Type", "application/octet-stream")
                    .header("Idempotency-Key", &key),
            };
            let again = match request.timeout(ANSWER_MAX).send().await {
                Ok(response) if response.status().is_success() => return read(response).await,
                Ok(response) => refusal(response).await.context(format!("{method} {path}"))?,
                Err(error) => error.to_string(),
            };
            anyhow::ensure!(Instant::now() < until, "{method} {path}: {again}");
            sleep(RETRY_PAUSE).await;
        }
        anyhow::bail!("there is no node to ask")
    }
}

async fn read(response: Response) -> anyhow::Result<Value> {
    Ok(response.json().await?)
}

/// Why it may fare better in a moment.
///
/// # Errors
/// If it will not.
async fn refusal(response: Response) -> anyhow::Result<String> {
    let status = response.status();
    let problem: Value = response.json().await.unwrap_or_default();
    let told = format!("{status} {} {}", problem["code"], problem["detail"]);
    anyhow::ensure!(problem["retryable"] == true, "{told}");
    Ok(told)
}
