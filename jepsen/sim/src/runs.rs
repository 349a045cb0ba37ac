//! Many runs, several at once: a run is one thread's, and what it simulates is that thread's alone.

use crate::plan::Plan;
use crate::run::{SimOutcome, replay};
use regent_check::verdict::Outcome;
use regent_core::planted::Planted;
use std::io;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Builder, scope};
use std::time::{Duration, Instant};

/// Futures of a whole region, not optimised, lie on the stack of the thread that runs it.
const STACK_BYTES: usize = 16 << 20;

/// A run that is over.
#[derive(Debug)]
pub struct Ran {
    /// What it came to.
    pub outcome: SimOutcome,
    /// What it took, in real time.
    pub took: Duration,
}

/// Runs these plans on so many threads, with this bug planted in each run, until there is none left or `done` breaks off.
/// Runs end in an order that no seed tells.
///
/// # Errors
/// The system has no thread to give.
pub fn run_all(
    plans: impl Iterator<Item = Plan> + Send,
    jobs: NonZero<usize>,
    planted: Option<Planted>,
    done: impl FnMut(Ran) -> ControlFlow<()>,
) -> io::Result<()> {
    let plans = Mutex::new(plans);
    let (sender, ran) = sync_channel(jobs.get());
    scope(|threads| {
        for _ in 0..jobs.get() {
            let (sender, plans) = (sender.clone(), &plans);
            let thread = Builder::new().name("run".to_owned()).stack_size(STACK_BYTES);
            thread.spawn_scoped(threads, move || work(plans, planted, &sender))?;
        }
        drop(sender);
        // Ends the channel, too: who is at work notices when its run is over.
        let _stopped = ran.into_iter().try_for_each(done);
        Ok(())
    })
}

/// Whether a plan fails with no bug planted, too: then it was not a bug of ours that it found.
///
/// # Errors
/// The system has no thread to give.
pub fn fails_by_itself(plan: &Plan) -> io::Result<bool> {
    let (plans, mut fails) = (std::iter::once(plan.clone()), false);
    run_all(plans, NonZero::<usize>::MIN, None, |ran| {
        fails = ran.outcome.judgement.outcome == Outcome::Fail;
        ControlFlow::Break(())
    })?;
    Ok(fails)
}

fn work(
    plans: &Mutex<impl Iterator<Item = Plan>>,
    planted: Option<Planted>,
    sender: &SyncSender<Ran>,
) {
    let next = || plans.lock().expect("no panic happens under this lock").next();
    while let Some(plan) = next() {
        let began = Instant::now();
        let outcome = with_bug(planted, || replay(&plan));
        if sender.send(Ran { outcome, took: began.elapsed() }).is_err() {
            return;
        }
    }
}

#[cfg(feature = "planted-bugs")]
fn with_bug<T>(bug: Option<Planted>, work: impl FnOnce() -> T) -> T {
    let _planted = bug.map(regent_core::planted::OnThisThread::plant);
    work()
}

#[cfg(not(feature = "planted-bugs"))]
fn with_bug<T>(_bug: Option<Planted>, work: impl FnOnce() -> T) -> T {
    work()
}
