//! A fault: what was to be done, whether it was, and what it met.

use crate::cluster::log_lines::Arriving;
use crate::faults::arguments::{IN_FLIGHT_WANTED, RATE_WANTED};
use crate::faults::arrival::HeldPart;
use regent_check::history::line::Instant;

/// Kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// SIGKILL to the leader, and a restart.
    KillLeader,
    /// SIGSTOP to the leader, SIGCONT later.
    PauseLeader,
    /// SIGKILL to a follower while a snapshot arrives there, and a restart.
    KillInstall,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done, and the condition for it held.
    Installed,
    /// It was not, or not as meant.
    Skipped {
        /// Why.
        why: String,
    },
}

/// What became of the part of a snapshot that a node held when it was killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumption {
    /// The same snapshot was offered again, and went on from this byte.
    Resumed {
        /// The byte.
        from_bytes: u64,
    },
    /// The same snapshot was offered again, and sent again from its first byte.
    Repeated,
    /// Another one was offered by then.
    Anew,
    /// There was no part yet, or the node did not say what arrived next.
    Untold,
}

impl Resumption {
    /// What became of the part that was `held`, given what arrived `next`.
    #[must_use]
    pub fn of(held: &HeldPart, next: Option<&Arriving>) -> Self {
        match next {
            Some(next) if next.snapshot != held.snapshot => Self::Anew,
            Some(Arriving { from_bytes: from_bytes @ 1.., .. }) => {
                Self::Resumed { from_bytes: *from_bytes }
            }
            Some(_) if held.bytes > 0 => Self::Repeated,
            Some(_) | None => Self::Untold,
        }
    }
}

/// One fault.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Which kind.
    pub kind: FaultKind,
    /// The node it was done to.
    pub node: String,
    /// When.
    pub began: Instant,
    /// When the node was up to date again.
    pub healed: Option<Instant>,
    /// Writes acknowledged in the second before.
    pub rate: usize,
    /// Requests in flight at that moment.
    pub in_flight: usize,
    /// What became of it.
    pub outcome: Outcome,
    /// What became of the part of a snapshot it left, if it left one.
    pub resumption: Option<Resumption>,
}

impl FaultKind {
    /// Its name, here and in histories.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::KillLeader => "kill-leader",
            Self::PauseLeader => "pause-leader",
            Self::KillInstall => "kill-install",
        }
    }
}

impl Fault {
    /// Whether it was done.
    #[must_use]
    pub fn is_installed(&self) -> bool {
        self.outcome == Outcome::Installed
    }

    /// Whether it met as much load as it should.
    #[must_use]
    pub const fn met_load(&self) -> bool {
        self.rate >= RATE_WANTED && self.in_flight >= IN_FLIGHT_WANTED
    }
}

#[cfg(test)]
mod tests {
    use super::Resumption;
    use crate::cluster::log_lines::Arriving;
    use crate::faults::arrival::HeldPart;

    fn after(held_bytes: u64, next: Option<(&str, u64)>) -> Resumption {
        let held = HeldPart { snapshot: "a".into(), bytes: held_bytes };
        let next = next.map(|(name, from_bytes)| Arriving { snapshot: name.into(), from_bytes });
        Resumption::of(&held, next.as_ref())
    }

    #[test]
    fn only_a_held_part_of_the_snapshot_that_came_again_has_to_be_gone_on_with() {
        assert_eq!(after(9, Some(("a", 9))), Resumption::Resumed { from_bytes: 9 });
        assert_eq!(after(9, Some(("a", 0))), Resumption::Repeated);
        assert_eq!(after(0, Some(("a", 0))), Resumption::Untold);
        assert_eq!(after(9, Some(("b", 0))), Resumption::Anew);
        assert_eq!(after(9, None), Resumption::Untold);
    }
}
