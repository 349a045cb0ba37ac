//! One life of a simulated process: the tasks it has started, which stand still together and end together.
//!
//! A process that is killed runs nothing more, least of all what it would have done to end in order; one that is
//! frozen goes on where it was, at a later time. In production that is the system's business, and there are no lives.

use crate::runtime::turn::{Calling, Turn, next_place};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinHandle};

thread_local! {
    static CURRENT: RefCell<Option<Life>> = const { RefCell::new(None) };
}

/// One life; clones are the same one. What a task of it starts belongs to it, too.
#[derive(Clone)]
pub struct Life(Arc<Mutex<State>>);

struct State {
    standing: Standing,
    tasks: BTreeMap<u64, AbortHandle>,
}

enum Standing {
    Runs,
    /// With those who were to go on meanwhile.
    Frozen(Vec<Waker>),
    Over,
}

impl Life {
    /// A life that begins now, without tasks.
    #[must_use]
    pub fn begin() -> Self {
        let state = State { standing: Standing::Runs, tasks: BTreeMap::new() };
        Self(Arc::new(Mutex::new(state)))
    }

    /// The life of the task that runs on this thread, if it has one.
    pub(crate) fn current() -> Option<Self> {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Starts a task of this life on the runtime this is called in.
    pub fn spawn<F>(&self, work: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.spawn_on(work, &Handle::current())
    }

    pub(crate) fn spawn_on<F>(&self, work: F, runtime: &Handle) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let place = next_place();
        let (work, calling) = (Box::pin(work), None);
        let task = runtime.spawn(Task { work, life: self.clone(), place, calling });
        let mut state = self.state();
        match state.standing {
            Standing::Runs | Standing::Frozen(_) => {
                state.tasks.insert(place, task.abort_handle());
            }
            Standing::Over => task.abort(),
        }
        task
    }

    /// Lets all its tasks stand still until [`thaw`](Self::thaw). Time goes on.
    pub fn freeze(&self) {
        let mut state = self.state();
        match state.standing {
            Standing::Runs => state.standing = Standing::Frozen(Vec::new()),
            Standing::Frozen(_) | Standing::Over => {}
        }
    }

    /// Lets a frozen life go on.
    pub fn thaw(&self) {
        let mut state = self.state();
        if let Standing::Frozen(waiting) = &mut state.standing {
            let waiting = std::mem::take(waiting);
            state.standing = Standing::Runs;
            drop(state);
            waiting.into_iter().for_each(Waker::wake);
        }
    }

    /// Ends it: none of its tasks does anything more. They are gone once others have had their turn.
    pub fn end(&self) {
        let mut state = self.state();
        state.standing = Standing::Over;
        let tasks = std::mem::take(&mut state.tasks);
        drop(state);
        tasks.values().for_each(AbortHandle::abort);
    }

    /// Whether it has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.state().standing, Standing::Over)
    }

    /// Whether it stands still.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        matches!(self.state().standing, Standing::Frozen(_))
    }

    /// Whether a task may go on now. One that may not is woken when it may.
    fn lets_on(&self, waker: &Waker) -> bool {
        match &mut self.state().standing {
            Standing::Runs => true,
            Standing::Frozen(waiting) => {
                waiting.push(waker.clone());
                false
            }
            Standing::Over => false,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no panic happens under this lock")
    }
}

impl fmt::Debug for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Life").finish_non_exhaustive()
    }
}

/// A task of a life.
struct Task<F> {
    work: Pin<Box<F>>,
    life: Life,
    place: u64,
    calling: Option<Arc<Calling>>,
}

impl<F: Future> Future for Task<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        if !self.life.lets_on(context.waker()) {
            return Poll::Pending;
        }
        let waker = Waker::from(self.calling(context.waker()));
        let _inside = Inside::enter(&self.life);
        let _turn = Turn::begin();
        self.work.as_mut().poll(&mut Context::from_waker(&waker))
    }
}

impl<F> Task<F> {
    /// What wakes it, by way of its own waker.
    fn calling(&mut self, own: &Waker) -> Arc<Calling> {
        match &self.calling {
            Some(calling) if calling.calls(own) => Arc::clone(calling),
            Some(_) | None => Arc::clone(self.calling.insert(Calling::new(self.place, own))),
        }
    }
}

impl<F> Drop for Task<F> {
    fn drop(&mut self) {
        self.life.state().tasks.remove(&self.place);
    }
}

/// As long as this is there, what runs on this thread belongs to a life.
struct Inside(Option<Life>);

impl Inside {
    fn enter(life: &Life) -> Self {
        Self(CURRENT.replace(Some(life.clone())))
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

#[cfg(test)]
mod tests {
    use super::Life;
    use crate::runtime::tasks;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::task::yield_now;

    /// Counts its turns for ever, in a task that a task of the life has started.
    fn counts(life: &Life) -> Arc<AtomicU32> {
        let turns = Arc::<AtomicU32>::default();
        let counted = Arc::clone(&turns);
        let counting = async move {
            loop {
                counted.fetch_add(1, Ordering::Relaxed);
                yield_now().await;
            }
        };
        drop(life.spawn(async move { drop(tasks::spawn(counting)) }));
        turns
    }

    async fn turns_in_a_while(turns: &AtomicU32) -> u32 {
        let before = turns.load(Ordering::Relaxed);
        for _ in 0..10 {
            yield_now().await;
        }
        turns.load(Ordering::Relaxed) - before
    }

    #[tokio::test]
    async fn frozen_life_does_nothing_and_then_goes_on() {
        let life = Life::begin();
        let turns = counts(&life);
        assert!(turns_in_a_while(&turns).await > 0);
        life.freeze();
        assert_eq!(turns_in_a_while(&turns).await, 0);
        life.thaw();
        assert!(turns_in_a_while(&turns).await > 0);
        life.end();
    }

    #[tokio::test]
    async fn life_that_has_ended_lets_go_of_everything_even_if_it_was_frozen() {
        let life = Life::begin();
        let turns = counts(&life);
        assert!(turns_in_a_while(&turns).await > 0);
        life.freeze();
        assert_eq!(turns_in_a_while(&turns).await, 0);
        life.end();
        for _ in 0..10 {
            yield_now().await;
        }
        assert_eq!(Arc::strong_count(&turns), 1, "its tasks are gone");
        assert!(life.spawn(async {}).await.unwrap_err().is_cancelled(), "it starts no more");
    }

    #[tokio::test]
    async fn task_outside_of_a_life_stays_outside() {
        let life = Life::begin();
        drop(counts(&life));
        yield_now().await;
        assert!(Life::current().is_none());
        life.end();
    }
}
