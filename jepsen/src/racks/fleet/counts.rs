//! What becomes of all simulated racks together, counted while they live.

use regent_core::rack_view::change::ViewChange;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Refusals that are told in words.
const TOLD_MAX: usize = 5;

/// A client: the number of its rack, and its own there.
pub type ClientPlace = (u32, u8);

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
    /// Whom they were granted to since the last look at them began.
    pub served: BTreeSet<ClientPlace>,
    /// Clients whose lease is to be renewed and is not yet.
    pub due: BTreeSet<ClientPlace>,
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
        let (connected, due) = (counted.connected, std::mem::take(&mut counted.due));
        *counted = Counted { connected, due, ..Counted::default() };
    }

    /// From here on every client has to be granted its lease anew.
    pub fn forget_served(&self) {
        self.counted().served.clear();
    }

    /// How many clients were granted their leases since.
    #[must_use]
    pub fn served(&self) -> usize {
        self.counted().served.len()
    }

    /// How many wait for it.
    #[must_use]
    pub fn due(&self) -> usize {
        self.counted().due.len()
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

    /// A lease is to be renewed.
    pub fn became_due(&self, client: ClientPlace) {
        self.counted().due.insert(client);
    }

    /// A lease was granted so long after it was asked for.
    pub fn granted(&self, client: ClientPlace, after: Duration) {
        let mut counted = self.counted();
        counted.due.remove(&client);
        counted.served.insert(client);
        counted.granted.push(after);
    }

    /// A question was not answered: what it was about is still due.
    pub fn came_to_nothing(&self) {
        self.counted().unanswered += 1;
    }

    /// A lease was refused.
    pub fn refused(&self, client: ClientPlace, why: String) {
        let mut counted = self.counted();
        counted.due.remove(&client);
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

    #[test]
    fn client_that_was_granted_its_lease_before_has_to_be_granted_it_in_each_phase() {
        let counts = Counts::default();
        counts.became_due((7, 1));
        counts.granted((7, 1), Duration::ZERO);
        counts.granted((7, 1), Duration::ZERO);
        assert_eq!((counts.served(), counts.due()), (1, 0), "one client, granted twice");
        counts.became_due((7, 1));
        counts.begin_phase();
        assert_eq!((counts.served(), counts.due()), (0, 1), "what is due stays due");
        counts.granted((7, 1), Duration::ZERO);
        counts.forget_served();
        assert_eq!(counts.served(), 0);
    }
}
