//! How often one rack may open sessions, and how much it may ask, at this node. Each rack pays for itself: one whose process
//! starts over and over, or that asks without end, is in nobody's way.
//!
//! Only racks that showed their key are counted, so there are no more of them here than the region has.

use crate::grpc::limits::{
    ASKED_STEPS_BURST_MAX, ASKED_STEPS_PER_SECOND_MAX, OPENED_BURST_MAX, OPENED_INTERVAL,
};
use regent_core::id::NodeId;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What racks have used up at a node.
#[derive(Debug, Default)]
pub struct Paces(Mutex<BTreeMap<NodeId, Pace>>);

/// What one has.
#[derive(Clone, Copy, Debug, Default)]
struct Pace {
    opened: Debt,
    asked: Debt,
}

/// A token bucket, as when it is full again.
#[derive(Clone, Copy, Debug, Default)]
struct Debt {
    paid_at: Option<Instant>,
}

impl Paces {
    /// A rack opens a session.
    ///
    /// # Errors
    /// How long it has to wait before it may; then nothing is counted.
    pub fn open(&self, rack: NodeId, now: Instant) -> Result<(), Duration> {
        let room = OPENED_INTERVAL * OPENED_BURST_MAX;
        self.of(rack, now, |pace| {
            let owed = pace.opened.owed(now) + OPENED_INTERVAL;
            if owed > room {
                return Err(owed - room);
            }
            pace.opened = Debt::of(owed, now);
            Ok(())
        })
    }

    /// A rack asks so many steps. Returns how long they wait before they are proposed: a rack that asks more than it may
    /// is answered later, not less.
    #[must_use]
    pub fn ask(&self, rack: NodeId, steps: usize, now: Instant) -> Duration {
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        let cost = |steps: u32| Duration::from_secs(1) * steps / ASKED_STEPS_PER_SECOND_MAX;
        self.of(rack, now, |pace| {
            let owed = pace.asked.owed(now) + cost(steps);
            pace.asked = Debt::of(owed, now);
            owed.saturating_sub(cost(ASKED_STEPS_BURST_MAX))
        })
    }

    /// Looks at what a rack owes. Racks that owe nothing any more are forgotten meanwhile.
    fn of<T>(&self, rack: NodeId, now: Instant, look: impl FnOnce(&mut Pace) -> T) -> T {
        // A change of one number is never left half done.
        let mut racks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !racks.contains_key(&rack) {
            racks.retain(|_, pace| !(pace.opened.owed(now) + pace.asked.owed(now)).is_zero());
        }
        look(racks.entry(rack).or_default())
    }
}

impl Debt {
    fn of(owed: Duration, now: Instant) -> Self {
        Self { paid_at: now.checked_add(owed) }
    }

    fn owed(self, now: Instant) -> Duration {
        self.paid_at.map_or(Duration::ZERO, |at| at.saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::Paces;
    use crate::grpc::limits::{
        ASKED_STEPS_BURST_MAX, ASKED_STEPS_PER_SECOND_MAX, OPENED_BURST_MAX, OPENED_INTERVAL,
    };
    use regent_core::id::NodeId;
    use std::time::{Duration, Instant};

    const RACK: NodeId = NodeId(3);
    const OTHER: NodeId = NodeId(4);

    #[test]
    fn some_sessions_are_opened_at_once_and_then_one_every_moment() {
        let (paces, now) = (Paces::default(), Instant::now());
        assert!((0..OPENED_BURST_MAX).all(|_| paces.open(RACK, now).is_ok()));
        assert_eq!(paces.open(RACK, now), Err(OPENED_INTERVAL));
        let soon = now + OPENED_INTERVAL / 2;
        assert_eq!(paces.open(RACK, soon), Err(OPENED_INTERVAL / 2), "asking costs nothing");
        assert_eq!(paces.open(OTHER, soon), Ok(()), "nobody pays for another");
        assert_eq!(paces.open(RACK, now + OPENED_INTERVAL), Ok(()));
        assert!(paces.open(RACK, now + OPENED_INTERVAL).is_err());
    }

    #[test]
    fn steps_wait_only_once_far_more_were_asked_than_is_usual() {
        let (paces, now) = (Paces::default(), Instant::now());
        let burst = usize::try_from(ASKED_STEPS_BURST_MAX).unwrap();
        assert_eq!(paces.ask(RACK, burst, now), Duration::ZERO);
        let second = usize::try_from(ASKED_STEPS_PER_SECOND_MAX).unwrap();
        assert_eq!(paces.ask(RACK, second / 10, now), Duration::from_millis(100));
        assert_eq!(paces.ask(OTHER, 1, now), Duration::ZERO);
        let later = now + Duration::from_secs(1);
        assert_eq!(paces.ask(RACK, second * 9 / 10, later), Duration::ZERO);
        assert!(paces.ask(RACK, 1, later) > Duration::ZERO);
    }

    #[test]
    fn racks_that_owe_nothing_are_forgotten() {
        let (paces, now) = (Paces::default(), Instant::now());
        (0..100).for_each(|rack| paces.open(NodeId(rack), now).unwrap());
        assert_eq!(paces.ask(NodeId(100), 1, now + OPENED_INTERVAL), Duration::ZERO);
        assert_eq!(paces.0.lock().unwrap().len(), 1);
    }
}
