//! Carries jobs from the queue to the writer: on a thread of its own in production, one turn at a time in simulation.

use crate::log_store::figures::Failure;
use crate::log_store::memory::MemoryDisk;
use crate::log_store::queue::{Queue, Taken};
use crate::log_store::writer::Writer;
use crate::runtime::simulated::is_simulated;
use crate::runtime::{elapsed, tasks, thread};
use futures::FutureExt as _;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// The writer looks at the queue at least this often: a committed position does not wake it.
const IDLE: Duration = Duration::from_millis(200);

/// Queue and writer, put together.
pub struct Pump {
    queue: Arc<Queue>,
    writer: Writer,
    failure: Arc<Failure>,
    pace: Option<MemoryDisk>,
}

impl Pump {
    /// A pump between the two.
    #[must_use]
    pub const fn new(queue: Arc<Queue>, writer: Writer, failure: Arc<Failure>) -> Self {
        Self { queue, writer, failure, pace: None }
    }

    /// A pump whose groups take as long as this disk says, where it runs as a task.
    #[must_use]
    pub fn paced_by(mut self, disk: MemoryDisk) -> Self {
        self.pace = Some(disk);
        self
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

    /// Runs until the queue is closed and empty: on a thread of its own, in a simulation as a task.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn start(self) -> io::Result<Running> {
        if is_simulated() {
            drop(tasks::spawn(self.run_as_task()));
            return Ok(Running::AsTask);
        }
        thread::start("log-writer", move || self.run()).map(Running::OnThread)
    }

    fn run(self) {
        let (failure, queue) = (Arc::clone(&self.failure), Arc::clone(&self.queue));
        if catch_unwind(AssertUnwindSafe(|| self.run_until_closed())).is_err() {
            give_up(&failure, &queue);
        }
    }

    async fn run_as_task(self) {
        let (failure, queue) = (Arc::clone(&self.failure), Arc::clone(&self.queue));
        if AssertUnwindSafe(self.turn_until_closed()).catch_unwind().await.is_err() {
            give_up(&failure, &queue);
        }
    }

    fn run_until_closed(mut self) {
        let start = elapsed::now();
        while let Taken::Jobs(jobs) = self.queue.take(self.patience(start)) {
            // Callers and the fatal handler have heard of a failure; go on to answer later calls with it.
            drop(self.writer.step(elapsed::since(start), jobs));
        }
        self.close();
    }

    async fn turn_until_closed(mut self) {
        let start = elapsed::now();
        while let Next::Wait = self.write_all(start).await {
            drop(timeout(self.patience(start), self.queue.called()).await);
        }
        self.close();
    }

    /// Writes what is queued, and what is due.
    async fn write_all(&mut self, start: Instant) -> Next {
        while let Taken::Jobs(jobs) = self.queue.take(Duration::ZERO) {
            let empty = jobs.is_empty();
            if !empty {
                keep_pace(self.pace.as_ref()).await;
            }
            drop(self.writer.step(elapsed::since(start), jobs));
            if empty {
                return Next::Wait;
            }
        }
        Next::Close
    }

    fn patience(&self, start: Instant) -> Duration {
        let due = self.writer.deadline().map(|due| due.saturating_sub(elapsed::since(start)));
        due.unwrap_or(IDLE).min(IDLE)
    }

    fn close(self) {
        if let Err(error) = self.writer.close() {
            self.failure.set(&error);
        }
    }
}

/// Waits for as long as the disk of a simulation takes.
async fn keep_pace(disk: Option<&MemoryDisk>) {
    let takes = disk.map_or(Duration::ZERO, MemoryDisk::group_takes);
    if !takes.is_zero() {
        sleep(takes).await;
    }
}

/// What a task has to do when all is written.
enum Next {
    Wait,
    Close,
}

/// A pump that runs.
#[derive(Debug)]
pub enum Running {
    /// On this thread.
    OnThread(JoinHandle<()>),
    /// As a task, which ends by itself once the queue is closed.
    AsTask,
}

impl Running {
    /// Waits for its end, once the queue is closed; not for that of a task, which needs this thread for it.
    pub fn join(self) {
        match self {
            // A panic of the writer has been reported to the fatal handler.
            Self::OnThread(thread) => drop(thread.join()),
            Self::AsTask => {}
        }
    }
}

/// A panic of the writer means a broken invariant: the log may not be written any further.
fn give_up(failure: &Failure, queue: &Queue) {
    failure.set(&io::Error::other("the log writer panicked"));
    queue.close();
    // Dropping a job tells its caller that there will be no answer.
    while let Taken::Jobs(unwritten) = queue.take(Duration::ZERO) {
        drop(unwritten);
    }
}
