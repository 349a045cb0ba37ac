//! The clocks of a simulated host: virtual time since it booted, and a wall clock for people.

use regent_core::time::WallTime;
use regent_raft::clock::Clock;
use std::time::Duration;
use tokio::time::Instant;

/// What the wall clocks show when a run begins.
const WALL_AT_START: i64 = 1_700_000_000_000;

/// The clocks of one host.
#[derive(Clone, Copy, Debug)]
pub struct HostClock {
    booted: Instant,
    wall_ahead_ms: i64,
}

impl HostClock {
    /// A host that boots now, whose wall clock is this much ahead of the others.
    #[must_use]
    pub fn booted_now(wall_ahead_ms: i64) -> Self {
        Self { booted: Instant::now(), wall_ahead_ms }
    }
}

impl Clock for HostClock {
    fn since_boot(&self) -> Duration {
        self.booted.elapsed()
    }

    fn wall(&self) -> WallTime {
        let passed = i64::try_from(self.booted.elapsed().as_millis()).unwrap_or(i64::MAX);
        WallTime(WALL_AT_START.saturating_add(passed).saturating_add(self.wall_ahead_ms))
    }
}
