//! What becomes of all simulated racks together, counted while they live.

use regent_core::rack_view::change::ViewChange;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Refusals that are told in words.
const TOLD_MAX: usize = 5;

/// What is counted.
#[derive(Debug, Default)]
pub struct Counts(Mutex<Counted>);

/// What was counted.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    /// Racks that have a session.
    pub connected: usize,
    /// Sessions that were opened.
    pub sessions: usize,
    /// How long a rack was without a session before it got another one, at the longest, by its number.
    pub alone: BTreeMap<u32, Duration>,
    /// Views that were told whole.
    pub whole_views: usize,
    /// Differences that were told.
    pub differences: usize,
    /// Leases that were granted, each with the time from the question to the answer.
    pub granted: Vec<Duration>,
    /// Questions that were not answered.
    pub unanswered: usize,
    /// Leases that were refused.
    pub refused: usize,
    /// The first of them in words.
    pub refusals: Vec<String>,
}

impl Counts {
    /// What was counted so far.
    #[must_use]
    pub fn so_far(&self) -> Counted {
        self.counted().clone()
    }

    /// How many racks have a session.
    #[must_use]
    pub fn connected(&self) -> usize {
        self.counted().connected
    }

    /// Forgets what was counted of leases and of how long racks were alone: another phase begins.
    pub fn begin_phase(&self) {
        let mut counted = self.counted();
        let connected = counted.connected;
        *counted = Counted { connected, ..Counted::default() };
    }

    /// A rack got a session after so long without one, or while it still had another.
    pub fn opened(&self, rack: u32, alone: Option<Duration>) {
        let mut counted = self.counted();
        counted.sessions += 1;
        if let Some(alone) = alone {
            counted.connected += 1;
            let longest = counted.alone.entry(rack).or_default();
            *longest = alone.max(*longest);
        }
    }

    /// A rack lost its session.
    pub fn closed(&self) {
        self.counted().connected -= 1;
    }

    /// A rack was told this.
    pub fn told(&self, change: &ViewChange) {
        let mut counted = self.counted();
        if change.whole {
            counted.whole_views += 1;
        } else {
            counted.differences += 1;
        }
    }

    /// A lease was granted so long after it was asked for.
    pub fn granted(&self, after: Duration) {
        self.counted().granted.push(after);
    }

    /// A question was not answered.
    pub fn came_to_nothing(&self) {
        self.counted().unanswered += 1;
    }

    /// A lease was refused.
    pub fn refused(&self, why: String) {
        let mut counted = self.counted();
        counted.refused += 1;
        if counted.refusals.len() < TOLD_MAX {
            counted.refusals.push(why);
        }
    }

    fn counted(&self) -> MutexGuard<'_, Counted> {
        // Each change is one call that leaves it whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;
    use std::time::Duration;

    #[test]
    fn rack_that_moves_with_its_session_is_connected_once_and_was_never_alone() {
        let counts = Counts::default();
        counts.opened(7, Some(Duration::from_secs(2)));
        counts.opened(7, None);
        let counted = counts.so_far();
        assert_eq!((counted.connected, counted.sessions), (1, 2));
        assert_eq!(counted.alone, [(7, Duration::from_secs(2))].into());
        counts.begin_phase();
        counts.closed();
        assert_eq!(counts.connected(), 0);
    }
}
