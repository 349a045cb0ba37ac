//! A fault: what was to be done, whether it was, and what it met.

use crate::faults::arguments::{IN_FLIGHT_WANTED, RATE_WANTED};
use crate::history::line::Instant;

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
