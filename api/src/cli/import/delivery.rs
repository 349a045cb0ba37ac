//! Brings a packed site to a region over HTTP. Every step can be repeated, so it is, on any node, until one answers.

use crate::cli::import::progress::Bar;
use crate::cli::import::transfer::Transfer;
use regent_core::codec;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value as Json, json};
use std::time::Duration;

/// Attempts of one step.
const ATTEMPTS_MAX: usize = 40;
/// Pause between two.
const PAUSE: Duration = Duration::from_millis(500);
/// A commit builds the whole site before it is answered.
const STEP_TIMEOUT: Duration = Duration::from_secs(310);

/// How a delivery ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// The site is what was sent.
    Committed,
    /// The same content was there already.
    AlreadyThere,
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
    #[must_use]
    pub fn new(nodes: &[String]) -> Self {
        Self { client: Client::new(), nodes: nodes.to_vec() }
    }

    /// Sends a site.
    ///
    /// # Errors
    /// [`DeliveryError`]; what was sent is dropped by the region if nobody goes on with it.
    pub async fn send(
        &self,
        transfer: &Transfer,
        replace: bool,
    ) -> Result<Delivered, DeliveryError> {
        let begin = json!({
            "id": transfer.id.0,
            "source": transfer.source.map(|byte| format!("{byte:02x}")).concat(),
            "replace": replace,
            "zone_serial": transfer.continues.zone_serial,
            "last_ids": transfer.continues.last_ids,
        });
        let view = self.step(|node| self.client.post(url(node, "")).json(&begin)).await?;
        if view["committed"] == true {
            return Ok(Delivered::AlreadyThere);
        }
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
        Ok(Delivered::Committed)
    }

    async fn step(&self, ask: impl Fn(&str) -> RequestBuilder) -> Result<Json, DeliveryError> {
        let mut detail = "no node was named".to_owned();
        for node in self.nodes.iter().cycle().take(ATTEMPTS_MAX) {
            match ask(node).timeout(STEP_TIMEOUT).send().await {
                Ok(response) if response.status().is_success() => {
                    return Ok(response.json().await.unwrap_or_default());
                }
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

fn url(node: &str, path: &str) -> String {
    format!("http://{node}/v1/imports{path}")
}

fn may_work_later(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

async fn told(response: Response) -> String {
    let status = response.status();
    let body: Json = response.json().await.unwrap_or_default();
    body["detail"].as_str().map_or_else(|| status.to_string(), str::to_owned)
}
