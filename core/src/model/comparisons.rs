//! How often domain names were compared: what tests of cost count, since a clock would tell of the machine.

use std::cell::Cell;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

/// One more comparison.
pub(crate) fn count() {
    COUNT.set(COUNT.get() + 1);
}

/// How many comparisons some work takes on this thread.
pub(crate) fn during(work: impl FnOnce()) -> u64 {
    let before = COUNT.get();
    work();
    COUNT.get() - before
}
