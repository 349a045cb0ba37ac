//! Since when what this node has applied is all there was: the last moment at which a leader that a majority followed told
//! it how far it must be, of those it has come up to (DESIGN D7). To hear a leader is not enough: a node that lags behind it
//! is as old as before.

use std::collections::VecDeque;
use std::time::Instant;

/// Moments remembered that this node has not come up to yet. While there are so many, no more are: it falls behind.
const AHEAD_MAX: usize = 64;

/// How fresh one node is.
#[derive(Debug, Default)]
pub(crate) struct Freshness {
    reached: Option<Instant>,
    /// In the order in which they were told.
    ahead: VecDeque<Told>,
}

#[derive(Debug)]
struct Told {
    committed: u64,
    at: Instant,
}

impl Freshness {
    /// A leader said that at this moment a majority followed it, and all up to entry `committed` was committed.
    pub(crate) fn told(&mut self, committed: u64, at: Instant, applied: u64) {
        if committed <= applied {
            self.reached = self.reached.max(Some(at));
        } else if self.ahead.len() < AHEAD_MAX {
            self.ahead.push_back(Told { committed, at });
        }
        self.settle(applied);
    }

    /// Since when a node that has applied so far lacks something, if it lacks anything.
    pub(crate) fn since(&mut self, applied: u64) -> Option<Instant> {
        self.settle(applied);
        self.reached
    }

    fn settle(&mut self, applied: u64) {
        let reached = self.ahead.iter().filter(|told| told.committed <= applied);
        self.reached = reached.map(|told| told.at).max().max(self.reached);
        self.ahead.retain(|told| told.committed > applied);
    }
}

#[cfg(test)]
mod tests {
    use super::{AHEAD_MAX, Freshness};
    use std::time::{Duration, Instant};

    #[test]
    fn node_is_as_fresh_as_the_last_moment_it_has_come_up_to() {
        let start = Instant::now();
        let later = |seconds| start + Duration::from_secs(seconds);
        let mut freshness = Freshness::default();
        assert_eq!(freshness.since(100), None, "nobody has told it anything");
        freshness.told(10, later(1), 10);
        freshness.told(20, later(2), 12);
        freshness.told(30, later(3), 12);
        assert_eq!(freshness.since(12), Some(later(1)));
        assert_eq!(freshness.since(20), Some(later(2)));
        assert_eq!(freshness.since(35), Some(later(3)));
    }

    #[test]
    fn what_is_ahead_is_bounded_and_a_node_that_has_caught_up_is_fresh_with_the_next_word() {
        let start = Instant::now();
        let mut freshness = Freshness::default();
        for number in 1..=1_000 {
            freshness.told(number, start + Duration::from_millis(number), 0);
        }
        assert_eq!(freshness.ahead.len(), AHEAD_MAX);
        assert!(freshness.since(1_000) < Some(start + Duration::from_millis(1_000)));
        freshness.told(1_001, start + Duration::from_millis(1_001), 1_001);
        assert_eq!(freshness.since(1_001), Some(start + Duration::from_millis(1_001)));
    }
}
