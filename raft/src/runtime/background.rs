//! Jobs that must not slow anybody down: each has a thread of its own, at low priority (DESIGN D8). Threads for blocking
//! work are lent to everybody, and would keep the priority.

use crate::runtime::simulated::is_simulated;
use crate::runtime::tasks::{Gone, Tasks};
use crate::runtime::thread;
use rustix::process::{getpriority_process, setpriority_process};
use std::io;
use tokio::sync::oneshot;

/// How much nicer than the process such a thread is: a tenth of the share of a thread that is not.
const NICER_BY: i32 = 10;

/// Runs `job` on a thread of this name. It is waited for like the node's other jobs.
///
/// # Errors
/// [`Gone`], also when the system has no thread to give.
pub async fn in_background<T: Send + 'static>(
    tasks: &Tasks,
    name: &'static str,
    job: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Gone> {
    if is_simulated() {
        return tasks.blocking(job).await;
    }
    let awaited = tasks.token();
    let (sender, done) = oneshot::channel();
    let started = thread::start(name, move || {
        let _awaited = awaited;
        if let Err(error) = step_back() {
            tracing::warn!(%error, thread = name, "could not be given a low priority");
        }
        // Whoever waited may have gone.
        drop(sender.send(job()));
    });
    if let Err(error) = started {
        tracing::error!(%error, thread = name, "could not be started");
        return Err(Gone);
    }
    done.await.map_err(|_panicked| Gone)
}

/// Makes this thread nicer than it is. On Linux that is a matter of each thread, not of the process.
fn step_back() -> io::Result<()> {
    let own = getpriority_process(None)?;
    Ok(setpriority_process(None, own + NICER_BY)?)
}

#[cfg(test)]
mod tests {
    use super::{NICER_BY, in_background};
    use crate::runtime::tasks::{Gone, Tasks};
    use rustix::process::getpriority_process;
    use std::thread;

    fn niceness() -> i32 {
        getpriority_process(None).unwrap()
    }

    #[tokio::test]
    async fn job_in_the_background_is_nicer_than_others() {
        let tasks = Tasks::of_this_runtime();
        let own = niceness();
        let look = || (thread::current().name().map(str::to_owned), niceness());
        let seen = in_background(&tasks, "aside", look).await;
        assert_eq!(seen, Ok((Some("aside".into()), (own + NICER_BY).min(19))));
        assert_eq!(
            tasks.blocking(niceness).await,
            Ok(own),
            "threads that are lent stay as they are"
        );
        assert_eq!(niceness(), own);
    }

    #[tokio::test]
    async fn job_that_panics_is_gone_and_waited_for_no_longer() {
        let tasks = Tasks::of_this_runtime();
        let panics = || panic!("as planned");
        assert_eq!(in_background::<()>(&tasks, "aside", panics).await, Err(Gone));
        tasks.ended().await;
    }
}
