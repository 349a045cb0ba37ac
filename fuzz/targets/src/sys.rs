//! Counts the memory a thread takes, so that a subject can be held to a bound. Allocates nothing by itself.
//!
//! Only an executable that names [`Counting`] as its global allocator counts; elsewhere every figure is 0.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, with a count for each thread.
#[derive(Debug)]
pub struct Counting;

thread_local! {
    /// Bytes this thread took and did not give back; below zero where it gave back what another took.
    static HELD: Cell<i64> = const { Cell::new(0) };
    /// The most it held since [`begin`].
    static PEAK: Cell<i64> = const { Cell::new(0) };
}

/// Starts counting anew on this thread.
pub fn begin() {
    HELD.set(0);
    PEAK.set(0);
}

/// The most bytes this thread held at a time since [`begin`].
#[must_use]
pub fn peak_bytes() -> usize {
    usize::try_from(PEAK.get()).unwrap_or(0)
}

fn note(bytes: i64) {
    // A thread that is ending has no count any more; nobody asks for it either.
    let _ended = HELD.try_with(|held| {
        let now = held.get() + bytes;
        held.set(now);
        PEAK.try_with(|peak| peak.set(peak.get().max(now)))
    });
}

fn signed(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[expect(unsafe_code, reason = "an allocator can be wrapped in no other way")]
// SAFETY: every call goes to the system's allocator as it came; the counting beside it touches only this thread's
// cells, which are made without allocating and need no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(signed(layout.size()));
        // SAFETY: as the caller promised us.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(signed(layout.size()));
        // SAFETY: as the caller promised us.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note(-signed(layout.size()));
        // SAFETY: as the caller promised us.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        note(signed(new_size) - signed(layout.size()));
        // SAFETY: as the caller promised us.
        unsafe { System.realloc(block, layout, new_size) }
    }
}
