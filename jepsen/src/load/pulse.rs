//! One small write after the other at a fixed beat, each tried until it is acknowledged: how long writes take, and for how
//! long none is acknowledged.
//!
//! The next write does not wait for the last one, so that a moment without a leader is seen by every write that would have
//! been sent in it.

use reqwest::Client;
use serde_json::json;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{MissedTickBehavior, interval, sleep};

/// From one write to the next.
pub const BEAT: Duration = Duration::from_millis(20);
/// Writes on their way at once; while there are so many, none is added.
const WRITES_AT_ONCE_MAX: usize = 1024;
/// How long a write is tried.
const WRITE_MAX: Duration = Duration::from_secs(15);
/// What one try may take; nodes give up a little earlier.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// Pause before a write is tried again.
const RETRY_PAUSE: Duration = Duration::from_millis(10);

/// A writer at work.
pub struct Pulse {
    stop: watch::Sender<bool>,
    written: Arc<Mutex<Written>>,
    task: JoinHandle<()>,
}

/// What became of its writes.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// Those that were acknowledged, in the order of their acknowledgements.
    pub acknowledged: Vec<Write>,
    /// How many were given up.
    pub given_up: usize,
}

/// A write that was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Write {
    /// When it was first sent.
    pub asked: Instant,
    /// When it was acknowledged.
    pub over: Instant,
}

impl Pulse {
    /// Begins to change the description of the object at this path (`/v1/spaces/7`), through each of these nodes
    /// (`host:port`) in turn.
    #[must_use]
    pub fn start(http: &Client, nodes: Vec<String>, path: &str) -> Self {
        let (stop, stopped) = watch::channel(false);
        let written = Arc::<Mutex<Written>>::default();
        let path = path.to_owned();
        let writer =
            Writer { http: http.clone(), nodes, path, written: Arc::clone(&written), stopped };
        Self { stop, written, task: tokio::spawn(writer.beat()) }
    }

    /// What became of its writes so far.
    #[must_use]
    pub fn so_far(&self) -> Written {
        locked(&self.written).clone()
    }

    /// Ends it, once the writes on their way are over.
    ///
    /// # Errors
    /// If it panicked.
    pub async fn end(self) -> anyhow::Result<Written> {
        self.stop.send_replace(true);
        self.task.await?;
        Ok(std::mem::take(&mut locked(&self.written)))
    }
}

impl Written {
    /// How long those took that were sent between two moments.
    #[must_use]
    pub fn lengths(&self, from: Instant, to: Instant) -> Vec<Duration> {
        let sent = self.acknowledged.iter().filter(|write| from <= write.asked && write.asked < to);
        sent.map(|write| write.over - write.asked).collect()
    }

    /// The longest time without an acknowledgement that ended between two moments, or had not ended at the second one.
    #[must_use]
    pub fn longest_gap(&self, from: Instant, to: Instant) -> Duration {
        let times = self.acknowledged.iter().map(|write| write.over);
        let (mut longest, mut since) = (Duration::ZERO, from);
        for time in times.take_while(|time| *time <= to).chain([to]) {
            if time > from {
                longest = longest.max(time - since);
            }
            since = since.max(time);
        }
        longest
    }
}

#[derive(Clone)]
struct Writer {
    http: Client,
    nodes: Vec<String>,
    path: String,
    written: Arc<Mutex<Written>>,
    stopped: watch::Receiver<bool>,
}

impl Writer {
    async fn beat(mut self) {
        let mut writes = JoinSet::new();
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for number in 0_usize.. {
            tokio::select! {
                _ = beat.tick() => {}
                _ = self.stopped.changed() => break,
            }
            while writes.try_join_next().is_some() {}
            if writes.len() < WRITES_AT_ONCE_MAX {
                writes.spawn(self.clone().write(number));
            }
        }
        writes.join_all().await;
    }

    async fn write(self, number: usize) {
        let asked = Instant::now();
        let key = format!("pulse-{number}");
        for node in self.nodes.iter().cycle().skip(number % self.nodes.len()) {
            if self.attempt(node, &key).await {
                let mut written = locked(&self.written);
                // Read under the lock, so that they are in order.
                written.acknowledged.push(Write { asked, over: Instant::now() });
                return;
            }
            if asked.elapsed() >= WRITE_MAX {
                break;
            }
            sleep(RETRY_PAUSE).await;
        }
        locked(&self.written).given_up += 1;
    }

    async fn attempt(&self, node: &str, key: &str) -> bool {
        let request = self.http.patch(format!("http://{node}{}", self.path));
        let request = request.header("Idempotency-Key", key).timeout(ANSWER_MAX);
        let answer = request.json(&json!({ "description": key })).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }
}

fn locked(written: &Mutex<Written>) -> MutexGuard<'_, Written> {
    // Each change is one call that leaves it whole.
    written.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Write, Written};
    use std::time::{Duration, Instant};

    fn written(start: Instant, over_ms: &[u64]) -> Written {
        let write = |ms: &u64| Write { asked: start, over: start + Duration::from_millis(*ms) };
        Written { acknowledged: over_ms.iter().map(write).collect(), given_up: 0 }
    }

    #[test]
    fn longest_gap_is_the_one_that_ended_in_that_time_or_has_not_ended() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let written = written(start, &[10, 20, 60, 70, 100]);
        let gap = |from, to| written.longest_gap(at(from), at(to)).as_millis();
        assert_eq!(gap(0, 100), 40);
        assert_eq!(gap(60, 100), 30);
        assert_eq!(gap(100, 400), 300);
        assert_eq!(gap(30, 65), 30, "from the moment asked about on");
    }

    #[test]
    fn lengths_are_of_what_was_sent_in_that_time() {
        let start = Instant::now();
        let later = start + Duration::from_millis(5);
        let written = written(start, &[10, 20]);
        assert_eq!(written.lengths(start, later).len(), 2);
        assert!(written.lengths(later, later).is_empty());
    }
}
