//! The one bounded queue in front of the writer. Vote, append, truncate and purge all pass through it, which gives
//! the strict order that Raft demands of them.

use crate::log_store::tail::weight_bytes;
use crate::log_store::writer::Job;
use std::collections::VecDeque;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

/// Jobs that may wait; a caller with one more waits for room.
pub const QUEUE_JOBS_MAX: usize = 1024;

/// A group ends with the job that takes it over this.
pub const GROUP_BYTES_MAX: usize = 1 << 20;

/// Jobs on their way to the writer.
pub struct Queue {
    waiting: Mutex<Waiting>,
    /// For a writer on a thread.
    ready: Condvar,
    /// For a writer that is a task.
    called: Notify,
    room: Semaphore,
    group_bytes_max: usize,
}

struct Waiting {
    jobs: VecDeque<Job>,
    gate: Gate,
}

#[derive(PartialEq, Eq)]
enum Gate {
    Open,
    Closed,
}

/// Room for one job, to be used by [`Queue::push`].
pub struct Room<'a>(SemaphorePermit<'a>);

/// What came out of the queue.
pub enum Taken {
    /// Jobs in order; none if the wait ended first.
    Jobs(Vec<Job>),
    /// The queue is closed and empty.
    Closed,
}

impl Default for Queue {
    fn default() -> Self {
        Self::new(GROUP_BYTES_MAX)
    }
}

impl Queue {
    /// An empty queue that gives out groups of `group_bytes_max` and at most one job more.
    #[must_use]
    pub fn new(group_bytes_max: usize) -> Self {
        let waiting = Waiting { jobs: VecDeque::new(), gate: Gate::Open };
        Self {
            waiting: Mutex::new(waiting),
            ready: Condvar::new(),
            called: Notify::new(),
            room: Semaphore::new(QUEUE_JOBS_MAX),
            group_bytes_max,
        }
    }

    /// Waits until there is room for a job.
    ///
    /// # Errors
    /// The queue is closed.
    pub async fn room(&self) -> io::Result<Room<'_>> {
        self.room.acquire().await.map(Room).map_err(|_| closed())
    }

    /// Adds a job. One that nobody waits for does not wake the writer.
    pub fn push(&self, room: Room<'_>, job: Job) {
        room.0.forget();
        let wakes = !matches!(job, Job::Committed(_));
        self.lock().jobs.push_back(job);
        if wakes {
            self.call();
        }
    }

    /// Takes what waits, up to the size of a group; waits at most `patience` for the first job.
    #[must_use]
    pub fn take(&self, patience: Duration) -> Taken {
        let (mut waiting, _) = self
            .ready
            .wait_timeout_while(self.lock(), patience, |w| {
                w.jobs.is_empty() && w.gate == Gate::Open
            })
            .expect("no panic while the queue is locked");
        let mut bytes = 0;
        let mut taken = Vec::new();
        while bytes < self.group_bytes_max
            && let Some(job) = waiting.jobs.pop_front()
        {
            bytes += job_bytes(&job);
            taken.push(job);
        }
        let closed = waiting.gate == Gate::Closed;
        drop(waiting);
        self.room.add_permits(taken.len());
        if taken.is_empty() && closed { Taken::Closed } else { Taken::Jobs(taken) }
    }

    /// Lets nothing more in. What is queued can still be taken.
    pub fn close(&self) {
        self.room.close();
        self.lock().gate = Gate::Closed;
        self.call();
    }

    /// Waits for a job that somebody waits for, or for the end. One of them is enough for all that were pushed before it.
    pub async fn called(&self) {
        self.called.notified().await;
    }

    fn call(&self) {
        self.ready.notify_one();
        self.called.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().expect("no panic while the queue is locked")
    }
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "the log is closed")
}

fn job_bytes(job: &Job) -> usize {
    match job {
        Job::Append { entries, .. } => entries.iter().map(weight_bytes).sum(),
        Job::Vote { .. } | Job::Truncate(_) | Job::Purge(_) | Job::Committed(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::{QUEUE_JOBS_MAX, Queue, Taken};
    use crate::log_store::writer::Job;
    use futures::FutureExt;
    use std::time::Duration;

    fn full() -> Queue {
        let queue = Queue::default();
        for _ in 0..QUEUE_JOBS_MAX {
            let room = queue.room().now_or_never().unwrap().unwrap();
            queue.push(room, Job::Truncate(None));
        }
        queue
    }

    #[test]
    fn full_queue_has_room_again_when_the_writer_took_from_it() {
        let queue = full();
        assert!(queue.room().now_or_never().is_none());
        let Taken::Jobs(jobs) = queue.take(Duration::ZERO) else { panic!("closed") };
        assert_eq!(jobs.len(), QUEUE_JOBS_MAX);
        assert!(queue.room().now_or_never().unwrap().is_ok());
    }

    #[test]
    fn room_that_is_not_used_is_given_back() {
        let queue = Queue::default();
        for _ in 0..=QUEUE_JOBS_MAX {
            drop(queue.room().now_or_never().unwrap().unwrap());
        }
    }

    #[test]
    fn closed_queue_lets_nothing_in_and_everything_out() {
        let queue = full();
        queue.close();
        assert!(queue.room().now_or_never().unwrap().is_err());
        assert!(
            matches!(queue.take(Duration::ZERO), Taken::Jobs(jobs) if jobs.len() == QUEUE_JOBS_MAX)
        );
        assert!(matches!(queue.take(Duration::ZERO), Taken::Closed));
    }
}
