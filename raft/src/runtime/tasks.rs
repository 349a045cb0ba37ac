//! Tasks and blocking jobs.
//!
//! A blocking job waits for the disk and for nothing else, least of all for a task: in a simulation it runs between two
//! tasks, on their thread.

use crate::runtime::life::Life;
use crate::runtime::simulated::is_simulated;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::runtime::Handle;
use tokio::task::{self, JoinHandle};
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// A job that came to no end: it panicked, or there is no thread for it, since the runtime is going down for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a job panicked or got no thread, or the process is about to end")]
pub struct Gone;

/// Runs `job` where it blocks nobody.
///
/// # Errors
/// [`Gone`].
pub async fn blocking<T: Send + 'static>(
    job: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Gone> {
    run(&Handle::current(), job).await
}

/// Starts a task on the runtime this is called in, which goes on whatever becomes of its handle.
pub fn spawn<F>(task: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    spawn_on(task, &Handle::current())
}

/// What a simulated process starts lives no longer than that.
fn spawn_on<F>(task: F, runtime: &Handle) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    match Life::current() {
        Some(life) => life.spawn_on(task, runtime),
        None => runtime.spawn(task),
    }
}

/// The tasks and jobs of one node, which are waited for when it stops. Clones speak of the same.
#[derive(Clone, Debug)]
pub struct Tasks {
    tracker: TaskTracker,
    runtime: Handle,
}

impl Tasks {
    /// None yet; those to come live on the runtime this is called in, whoever starts them.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use]
    pub fn of_this_runtime() -> Self {
        Self { tracker: TaskTracker::new(), runtime: Handle::current() }
    }

    /// Starts a task.
    pub fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        spawn_on(self.tracker.track_future(task), &self.runtime)
    }

    /// Runs `job` where it blocks nobody.
    ///
    /// # Errors
    /// [`Gone`].
    pub async fn blocking<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Gone> {
        let awaited = self.token();
        let job = move || {
            let _awaited = awaited;
            job()
        };
        run(&self.runtime, job).await
    }

    /// Is waited for like a task until it is dropped.
    pub fn token(&self) -> TaskTrackerToken {
        self.tracker.token()
    }

    /// Waits until all have ended.
    pub async fn ended(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}

async fn run<T: Send + 'static>(
    runtime: &Handle,
    job: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Gone> {
    if is_simulated() {
        // Others come first, as they may when it is a thread's.
        task::yield_now().await;
        return catch_unwind(AssertUnwindSafe(job)).map_err(|_panic| Gone);
    }
    runtime.spawn_blocking(job).await.map_err(|_gone| Gone)
}
