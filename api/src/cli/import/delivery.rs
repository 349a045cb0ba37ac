//! Brings a packed site to a region over HTTP. Every step can be repeated, so it is, on any node, until one answers.

use crate::cli::addresses;
use crate::cli::client::transport;
use crate::cli::failure::Failure;
use crate::cli::import::progress::Bar;
use crate::cli::import::transfer::Transfer;
use regent_core::codec;
use regent_core::query::site_difference::{Stretch, StretchDifference};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::time::Duration;

/// Attempts of one step.
const ATTEMPTS_MAX: usize = 40;
/// Pause between two.
const PAUSE: Duration = Duration::from_millis(500);
/// A commit builds the whole site before it is answered.
const STEP_TIMEOUT: Duration = Duration::from_secs(310);

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

#[derive(Deserialize)]
struct Standings {
    items: Vec<Standing>,
}

/// Why it did not.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// A step was refused.
    #[error("the region refused: {detail}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What the region says.
        detail: String,
    },
    /// No node did what was asked.
    #[error("no node carried the step out: {detail}; run the command again to go on")]
    Unavailable {
        /// The last answer.
        detail: String,
    },
}

/// The nodes of a region.
pub struct Delivery {
    client: Client,
    nodes: Vec<String>,
}

impl Delivery {
    /// To any of these nodes, HOST:PORT.
    ///
    /// # Errors
    /// [`Failure`] if the system has no room for a client.
    pub fn new(nodes: &[String]) -> Result<Self, Failure> {
        Ok(Self { client: transport()?, nodes: nodes.iter().map(|node| addresses::url(node)).collect() })
    }

    /// What was imported last; nothing if nothing was.
    ///
    /// # Errors
    /// [`DeliveryError`].
    pub async fn imported(&self) -> Result<Option<Standing>, DeliveryError> {
        let answer = self.answer(|node| self.client.get(url(node, ""))).await?;
        let list: Standings = answer.json().await.map_err(|error| unavailable(&error))?;
        Ok(list.items.into_iter().find(|import| import.committed))
    }

    /// Begins; from here to the end the region takes no other writes.
    ///
    /// # Errors
    /// [`DeliveryError`].
    pub async fn begin(&self, transfer: &Transfer, replace: bool) -> Result<Begun, DeliveryError> {
        let begin = json!({
            "id": transfer.id.0,
            "source": hex(&transfer.source),
            "replace": replace,
            "zone_serial": transfer.continues.zone_serial,
            "last_ids": transfer.continues.last_ids,
        });
        let answer = self.answer(|node| self.client.post(url(node, "")).json(&begin)).await?;
        let is_new = answer.status() == StatusCode::CREATED;
        let view: Standing = answer.json().await.map_err(|error| unavailable(&error))?;
        Ok(match (view.committed, is_new) {
            (true, _) => Begun::AlreadyThere,
            (false, true) => Begun::Started,
            (false, false) => Begun::GoneOnWith,
        })
    }

    /// How a stretch of a site differs from what the region has.
    ///
    /// # Errors
    /// [`DeliveryError`].
    pub async fn compare(&self, stretch: &Stretch) -> Result<StretchDifference, DeliveryError> {
        let body = codec::seal(stretch);
        let url = |node: &str| format!("{node}/v1/import-comparisons");
        let answer = self.answer(|node| self.client.post(url(node)).body(body.clone())).await?;
        let sealed = answer.bytes().await.map_err(|error| unavailable(&error))?;
        codec::open(&sealed).map_err(|error| unavailable(&error))
    }

    /// Sends what was begun, to the end.
    ///
    /// # Errors
    /// [`DeliveryError`].
    pub async fn finish(&self, transfer: &Transfer) -> Result<(), DeliveryError> {
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
        self.step(|node| self.client.post(url(node, &path)).json(&commit)).await?;
        Ok(())
    }

    /// Lets the region drop what it has collected, so that it takes other writes again.
    ///
    /// # Errors
    /// [`DeliveryError`].
    pub async fn abandon(&self, transfer: &Transfer) -> Result<(), DeliveryError> {
        let path = format!("/{}", transfer.id.0);
        self.step(|node| self.client.delete(url(node, &path))).await.map(drop)
    }

    async fn step(&self, ask: impl Fn(&str) -> RequestBuilder) -> Result<Json, DeliveryError> {
        let answer = self.answer(ask).await?;
        answer.json().await.map_err(|error| unavailable(&error))
    }

    async fn answer(
        &self,
        ask: impl Fn(&str) -> RequestBuilder,
    ) -> Result<Response, DeliveryError> {
        let mut detail = "no node was named".to_owned();
        for node in self.nodes.iter().cycle().take(ATTEMPTS_MAX) {
            match ask(node).timeout(STEP_TIMEOUT).send().await {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) if may_work_later(response.status()) => detail = told(response).await,
                Ok(response) => {
                    let status = response.status().as_u16();
                    return Err(DeliveryError::Refused { status, detail: told(response).await });
                }
                Err(error) => detail = format!("{node}: {error}"),
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(DeliveryError::Unavailable { detail })
    }
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An answer that was cut off or makes no sense.
fn unavailable(error: &dyn std::error::Error) -> DeliveryError {
    DeliveryError::Unavailable { detail: error.to_string() }
}

fn url(node: &str, path: &str) -> String {
    format!("{node}/v1/imports{path}")
}

fn may_work_later(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

async fn told(response: Response) -> String {
    let status = response.status();
    let body: Json = response.json().await.unwrap_or_default();
    body["detail"].as_str().map_or_else(|| status.to_string(), str::to_owned)
}
