//! What is held of the log and how heavy it is, for those who decide when it is cut. Does not keep the log open.

use crate::log_store::tail::Tail;
use crate::type_config::Entry;
use std::ops::Range;
use std::sync::{Arc, Mutex, Weak};

/// Reads how heavy the log is; all is zero once it is closed.
#[derive(Clone, Debug)]
pub struct LogGauge {
    tail: Weak<Mutex<Tail>>,
}

impl LogGauge {
    /// A gauge on the log with this tail.
    pub(crate) fn new(tail: &Arc<Mutex<Tail>>) -> Self {
        Self { tail: Arc::downgrade(tail) }
    }

    /// About how many bytes the entries behind `index` take, in memory and on the disk alike.
    #[must_use]
    pub fn bytes_behind(&self, index: u64) -> u64 {
        self.read(|tail| tail.bytes_behind(index))
    }

    /// The lowest index behind which the entries up to `upto` take no more than `bytes_max`.
    #[must_use]
    pub fn lightest_behind(&self, upto: u64, bytes_max: u64) -> u64 {
        self.read(|tail| tail.lightest_behind(upto, bytes_max))
    }

    /// The entries of a range that are held; none once the log is closed.
    #[must_use]
    pub fn entries(&self, range: Range<u64>) -> Vec<Entry> {
        let Some(tail) = self.tail.upgrade() else { return Vec::new() };
        tail.lock().expect("no panic while the tail is locked").read(&range)
    }

    fn read(&self, of: impl FnOnce(&Tail) -> u64) -> u64 {
        let Some(tail) = self.tail.upgrade() else { return 0 };
        of(&tail.lock().expect("no panic while the tail is locked"))
    }
}
