//! Clients that write without a break, each with a key a write, and remember what was acknowledged to them.

use crate::cli::client::{Call, Client};
use crate::cli::failure::Failure;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Clients that write at the same time.
const WRITERS: usize = 8;
/// How long a client tries before it gives a write up.
const WRITE_MAX: Duration = Duration::from_secs(15);

/// A load that is on.
pub struct Load {
    stop: watch::Sender<bool>,
    acknowledged: Arc<AtomicUsize>,
    writers: Vec<JoinHandle<Log>>,
}

/// What writers know afterwards.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Writes that were acknowledged.
    pub acknowledged: Vec<Acknowledged>,
    /// Writes given up without knowing whether they were applied, by their mark.
    pub unknown: Vec<String>,
    /// Writes given up that were not applied.
    pub failed: usize,
}

/// An acknowledged write.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    /// What is unique in it.
    pub mark: String,
    /// When the acknowledgement came.
    pub at: Instant,
    /// The region's revision it made.
    pub revision: u64,
    /// Attempts before it that were refused or cut off.
    pub retries: usize,
}

impl Load {
    /// Starts writing machines whose description begins with `mark`, each client through the first node of its list,
    /// through the others when that fails. `nodes` are followers first.
    ///
    /// # Errors
    /// When there is no room for clients.
    pub fn start(nodes: &[String], followers: usize, mark: &str) -> Result<Self, Failure> {
        let (stop, stopped) = watch::channel(false);
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let writers: Result<Vec<_>, Failure> = (0..WRITERS)
            .map(|number| {
                let mut order = nodes.to_vec();
                order[..followers].rotate_left(number % followers.max(1));
                let writer = Writer {
                    client: Client::new(&order, WRITE_MAX)?,
                    mark: format!("{mark} {number}"),
                    stopped: stopped.clone(),
                    acknowledged: Arc::clone(&acknowledged),
                };
                Ok(tokio::spawn(writer.write()))
            })
            .collect();
        Ok(Self { stop, acknowledged, writers: writers? })
    }

    /// Writes acknowledged so far.
    #[must_use]
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Ends the load and waits for the writes on their way.
    ///
    /// # Errors
    /// When a writer panicked.
    pub async fn end(self) -> anyhow::Result<Log> {
        self.stop.send_replace(true);
        let mut all = Log::default();
        for writer in self.writers {
            let Log { acknowledged, unknown, failed } = writer.await?;
            all.acknowledged.extend(acknowledged);
            all.unknown.extend(unknown);
            all.failed += failed;
        }
        all.acknowledged.sort_by_key(|write| write.at);
        Ok(all)
    }
}

struct Writer {
    client: Client,
    mark: String,
    stopped: watch::Receiver<bool>,
    acknowledged: Arc<AtomicUsize>,
}

impl Writer {
    async fn write(self) -> Log {
        let mut log = Log::default();
        for number in 0_usize.. {
            if *self.stopped.borrow() {
                break;
            }
            let mark = format!("{} {number}", self.mark);
            let body = json!({ "description": mark });
            match self.client.call(&Call::write(Method::POST, "/v1/machines", Some(body))).await {
                Ok(answer) => {
                    let revision = answer.body.get("revision").and_then(Value::as_u64);
                    let revision = revision.or(answer.revision).unwrap_or_default();
                    let (at, retries) = (Instant::now(), answer.retries);
                    log.acknowledged.push(Acknowledged { mark, at, revision, retries });
                    self.acknowledged.fetch_add(1, Ordering::Relaxed);
                }
                Err(Failure::OutcomeUnknown { .. }) => log.unknown.push(mark),
                Err(_) => log.failed += 1,
            }
        }
        log
    }
}
