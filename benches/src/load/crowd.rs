//! Many clients at once: each asks, waits for the answer, asks again.

use crate::load::connection::Connection;
use crate::load::etcd_put::EtcdPut;
use crate::load::wanted::Wanted;
use crate::process::processor_time;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// How long a client waits for an answer.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// Pause after a request that failed.
const FAILURE_PAUSE: Duration = Duration::from_millis(20);

/// What is asked, of whom, and who works on it.
#[derive(Clone, Debug)]
pub struct Target {
    /// Nodes, `host:port`: clients take them by turns.
    pub hosts: Vec<String>,
    /// What is asked, and over what.
    pub way: Way,
    /// Processes whose time counts.
    pub processes: Vec<u32>,
}

/// How a target is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Over HTTP/1.1.
    Http(Wanted),
    /// Over gRPC: a new key in etcd.
    EtcdGrpc,
}

/// How long, and by how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pressure {
    /// Clients, each with a connection of its own and one request at a time.
    pub clients: usize,
    /// Time before anything is counted.
    pub warm_up: Duration,
    /// Time that is counted.
    pub measured: Duration,
}

/// What was seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// Good answers a second.
    pub per_second: f64,
    /// Milliseconds half of the good answers came within.
    pub median_ms: f64,
    /// Milliseconds 99 of 100 good answers came within.
    pub p99_ms: f64,
    /// Milliseconds of the longest wait: for a good answer, or still going on at the end.
    pub worst_ms: f64,
    /// Requests without a good answer.
    pub failed: u64,
    /// Processor time of the target for each good answer, in microseconds.
    pub processor_us: f64,
}

/// The numbers of requests; one for the whole run, so that none comes twice.
#[derive(Clone, Debug, Default)]
pub struct Numbers(Arc<AtomicU64>);

impl Numbers {
    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// Puts a target under pressure. Clients have a thread of their own.
///
/// # Errors
/// When clients cannot be started, or a process of the target is gone.
pub async fn press(target: &Target, pressure: Pressure, numbers: &Numbers) -> anyhow::Result<Seen> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("clients")
        .enable_all()
        .build()?;
    let from = Instant::now() + pressure.warm_up;
    let window = Window { from, to: from + pressure.measured };
    let client = |number: usize| {
        let host = target.hosts[number % target.hosts.len()].clone();
        runtime.spawn(ask(Line::new(host, target.way), window, numbers.clone()))
    };
    let clients: Vec<_> = (0..pressure.clients).map(client).collect();
    sleep_until(window.from).await;
    let before = processor_time(&target.processes);
    sleep_until(window.to).await;
    let after = processor_time(&target.processes);
    let mut tally = Tally::default();
    for client in clients {
        tally.add(client.await?);
    }
    runtime.shutdown_background();
    Ok(tally.seen(pressure.measured, after?.saturating_sub(before?)))
}

#[derive(Clone, Copy)]
struct Window {
    from: Instant,
    to: Instant,
}

/// One client's way to a node.
enum Line {
    Http { connection: Connection, host: String, wanted: Wanted },
    Grpc(EtcdPut),
}

impl Line {
    fn new(host: String, way: Way) -> Self {
        match way {
            Way::Http(wanted) => {
                Self::Http { connection: Connection::new(host.clone()), host, wanted }
            }
            Way::EtcdGrpc => Self::Grpc(EtcdPut::new(host)),
        }
    }

    async fn is_done(&mut self, number: u64) -> bool {
        match self {
            Self::Http { connection, host, wanted } => {
                let request = wanted.request(number, host);
                let answered = timeout(ANSWER_MAX, connection.ask(&request)).await;
                matches!(answered, Ok(Ok(200..=299)))
            }
            Self::Grpc(put) => matches!(timeout(ANSWER_MAX, put.put(number)).await, Ok(Ok(()))),
        }
    }
}

/// What one client saw, or all of them.
#[derive(Default)]
struct Tally {
    took: Vec<Duration>,
    failed: u64,
    /// How long the oldest request without an answer had waited when counting ended: without it a standstill at the
    /// end would not be seen.
    open: Duration,
}

async fn ask(mut line: Line, window: Window, numbers: Numbers) -> Tally {
    let mut tally = Tally::default();
    loop {
        let asked = Instant::now();
        if asked >= window.to {
            return tally;
        }
        let is_done = line.is_done(numbers.next()).await;
        let answered = Instant::now();
        if answered >= window.to {
            tally.open = window.to - asked;
        } else if answered >= window.from {
            match is_done {
                true => tally.took.push(answered - asked),
                false => tally.failed += 1,
            }
        }
        if !is_done {
            sleep(FAILURE_PAUSE).await;
        }
    }
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.took.extend(other.took);
        self.failed += other.failed;
        self.open = self.open.max(other.open);
    }

    fn seen(mut self, measured: Duration, processor: Duration) -> Seen {
        self.took.sort_unstable();
        let count = self.took.len();
        let within = |hundredths: usize| {
            let place = (count * hundredths / 100).min(count.saturating_sub(1));
            self.took.get(place).map_or(f64::NAN, |took| took.as_secs_f64() * 1e3)
        };
        let answers = u32::try_from(count).map_or(f64::INFINITY, f64::from);
        Seen {
            per_second: answers / measured.as_secs_f64(),
            median_ms: within(50),
            p99_ms: within(99),
            worst_ms: within(100).max(self.open.as_secs_f64() * 1e3),
            failed: self.failed,
            processor_us: processor.as_secs_f64() * 1e6 / answers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;
    use std::time::Duration;

    #[test]
    fn percentiles_are_those_of_all_clients_together() {
        let of = |from: u64| (from..from + 50).map(Duration::from_millis).collect();
        let mut tally = Tally { took: of(51), failed: 1, open: Duration::ZERO };
        tally.add(Tally { took: of(1), failed: 2, open: Duration::from_millis(3) });
        let seen = tally.seen(Duration::from_secs(2), Duration::from_millis(10));
        assert_eq!((seen.per_second, seen.failed, seen.processor_us), (50.0, 3, 100.0));
        assert_eq!((seen.median_ms, seen.p99_ms, seen.worst_ms), (51.0, 100.0, 100.0));
    }

    #[test]
    fn standstill_at_the_end_is_the_worst_that_was_seen() {
        let tally =
            Tally { took: vec![Duration::from_millis(2)], failed: 0, open: Duration::from_secs(4) };
        assert_eq!(tally.seen(Duration::from_secs(5), Duration::ZERO).worst_ms, 4000.0);
    }
}
