//! Time as the state machine sees it. Nothing here reads a clock.
//!
//! Two kinds that must never be mixed: [`ClusterTime`] decides (leases, keys, sessions, deadlines), [`WallTime`]
//! is for people and the audit trail. Cluster time may lose time against the real world, never gain it (DESIGN D4).

use serde::{Deserialize, Serialize};
use std::fmt;

/// Milliseconds of cluster time since the cluster was made. Only ever moves forward.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ClusterTime(pub u64);

/// A length of cluster time in milliseconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Millis(pub u64);

/// Milliseconds since the Unix epoch as the proposing node's wall clock said. Never decides anything.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct WallTime(pub i64);

impl ClusterTime {
    /// A moment that never comes: the end of what has none.
    pub const NEVER: Self = Self(u64::MAX);

    /// This moment moved forward by `by`; stays at the end of time instead of wrapping.
    #[must_use]
    pub const fn after(self, by: Millis) -> Self {
        Self(self.0.saturating_add(by.0))
    }

    /// How long until `later`; zero if that has passed.
    #[must_use]
    pub const fn until(self, later: Self) -> Millis {
        Millis(later.0.saturating_sub(self.0))
    }
}

impl Millis {
    /// A length given in whole seconds.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1000))
    }
}

impl fmt::Display for ClusterTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}
