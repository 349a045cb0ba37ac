//! In which order tasks of a simulation go on that one of them has woken: in that of their beginnings.
//!
//! tokio wakes those who wait for the same value in an order of its own chance, which no seed reaches. So who is woken
//! while a simulated task has its turn is noted, and woken when the turn is over.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::{Wake, Waker};

thread_local! {
    static BEGUN: Cell<u64> = const { Cell::new(0) };
    /// Those who were woken in the turn under way, if there is one.
    static WOKEN: RefCell<Option<BTreeMap<u64, Waker>>> = const { RefCell::new(None) };
}

/// Wakes one task, after the turn that is under way.
#[derive(Debug)]
pub(crate) struct Calling {
    /// How many tasks had begun before.
    place: u64,
    task: Waker,
}

/// A place behind all those that were given out on this thread.
pub(crate) fn next_place() -> u64 {
    BEGUN.replace(BEGUN.get() + 1)
}

impl Calling {
    /// Calls the task with this place by its own waker.
    pub(crate) fn new(place: u64, task: &Waker) -> Arc<Self> {
        Arc::new(Self { place, task: task.clone() })
    }

    /// Whether it calls the task that this wakes.
    pub(crate) fn calls(&self, task: &Waker) -> bool {
        self.task.will_wake(task)
    }
}

impl Wake for Calling {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let is_noted = WOKEN.with_borrow_mut(|woken| {
            let Some(woken) = woken else { return false };
            woken.entry(self.place).or_insert_with(|| self.task.clone());
            true
        });
        if !is_noted {
            self.task.wake_by_ref();
        }
    }
}

/// The turn of a task. Those it wakes are called when it is over.
pub(crate) struct Turn;

impl Turn {
    pub(crate) fn begin() -> Self {
        WOKEN.set(Some(BTreeMap::new()));
        Self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let woken = WOKEN.take().unwrap_or_default();
        woken.values().for_each(Waker::wake_by_ref);
    }
}

#[cfg(test)]
mod tests {
    use super::{Calling, Turn, next_place};
    use std::sync::{Arc, Mutex};
    use std::task::{Wake, Waker};

    /// Notes its number when it is woken.
    struct Noted(u8, Arc<Mutex<Vec<u8>>>);

    impl Wake for Noted {
        fn wake(self: Arc<Self>) {
            self.1.lock().unwrap().push(self.0);
        }
    }

    #[test]
    fn woken_in_any_order_they_go_on_in_the_order_of_their_beginnings_and_once() {
        let order = Arc::<Mutex<Vec<u8>>>::default();
        let tasks: [Waker; 3] = [0, 1, 2].map(|number| {
            let task = Waker::from(Arc::new(Noted(number, Arc::clone(&order))));
            Waker::from(Calling::new(next_place(), &task))
        });
        let turn = Turn::begin();
        for number in [2, 0, 2, 1] {
            tasks[number].wake_by_ref();
        }
        assert_eq!(*order.lock().unwrap(), Vec::<u8>::new(), "the turn is not over");
        drop(turn);
        assert_eq!(*order.lock().unwrap(), [0, 1, 2]);
        tasks[1].wake_by_ref();
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 1], "between turns they are woken at once");
    }
}
