//! Carries jobs from the queue to the writer: on a thread of its own in production, one turn at a time in simulation.

use crate::log_store::figures::Failure;
use crate::log_store::queue::{Queue, Taken};
use crate::log_store::writer::Writer;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The writer looks at the queue at least this often: a committed position does not wake it.
const IDLE: Duration = Duration::from_millis(200);

/// Queue and writer, put together.
pub struct Pump {
    queue: Arc<Queue>,
    writer: Writer,
    failure: Arc<Failure>,
}

impl Pump {
    /// A pump between the two.
    #[must_use]
    pub const fn new(queue: Arc<Queue>, writer: Writer, failure: Arc<Failure>) -> Self {
        Self { queue, writer, failure }
    }

    /// One turn of a simulation: writes what is queued and does what is due at `now`.
    ///
    /// # Errors
    /// The disk failed, now or before.
    pub fn turn(&mut self, now: Duration) -> io::Result<()> {
        match self.queue.take(Duration::ZERO) {
            Taken::Jobs(jobs) => self.writer.step(now, jobs),
            Taken::Closed => Ok(()),
        }
    }

    /// When [`turn`](Self::turn) is due even if no job comes.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.writer.deadline()
    }

    /// Runs on a thread of its own until the queue is closed and empty.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn spawn(self) -> io::Result<JoinHandle<()>> {
        std::thread::Builder::new().name("log-writer".into()).spawn(move || self.run())
    }

    fn run(self) {
        let (failure, queue) = (Arc::clone(&self.failure), Arc::clone(&self.queue));
        // A panic here means a broken invariant: the log may not be written any further.
        if catch_unwind(AssertUnwindSafe(|| self.run_until_closed())).is_err() {
            failure.set(&io::Error::other("the log writer panicked"));
            queue.close();
            // Dropping a job tells its caller that there will be no answer.
            while let Taken::Jobs(unwritten) = queue.take(Duration::ZERO) {
                drop(unwritten);
            }
        }
    }

    fn run_until_closed(mut self) {
        let start = Instant::now();
        loop {
            let due = self.writer.deadline().map(|due| due.saturating_sub(start.elapsed()));
            match self.queue.take(due.unwrap_or(IDLE).min(IDLE)) {
                // Callers and the fatal handler have heard of a failure; go on to answer later calls with it.
                Taken::Jobs(jobs) => drop(self.writer.step(start.elapsed(), jobs)),
                Taken::Closed => break,
            }
        }
        if let Err(error) = self.writer.close() {
            self.failure.set(&error);
        }
    }
}
