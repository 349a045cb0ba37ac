//! What became of packets, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// Packets counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Came in and were handed on.
    pub heard: u64,
    /// The kernel dropped them, because nobody read them in time.
    pub dropped_unread: u64,
    /// Were read and dropped, because the agent is behind.
    pub dropped_behind: u64,
    /// Were read and dropped, because they are longer than any request.
    pub dropped_too_long: u64,
    /// Went out.
    pub sent: u64,
    /// Could not be sent.
    pub unsent: u64,
}

/// Counts that several threads raise.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    pub(crate) heard: AtomicU64,
    pub(crate) dropped_unread: AtomicU64,
    pub(crate) dropped_behind: AtomicU64,
    pub(crate) dropped_too_long: AtomicU64,
    pub(crate) sent: AtomicU64,
    pub(crate) unsent: AtomicU64,
}

impl Counting {
    pub(crate) fn so_far(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            heard: read(&self.heard),
            dropped_unread: read(&self.dropped_unread),
            dropped_behind: read(&self.dropped_behind),
            dropped_too_long: read(&self.dropped_too_long),
            sent: read(&self.sent),
            unsent: read(&self.unsent),
        }
    }
}

/// One more.
pub(crate) fn one(count: &AtomicU64) {
    many(count, 1);
}

/// So many more.
pub(crate) fn many(count: &AtomicU64, by: u64) {
    count.fetch_add(by, Ordering::Relaxed);
}
