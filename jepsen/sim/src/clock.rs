//! The clocks of a simulated host: virtual time since it booted, and a wall clock for people.

use regent_core::time::WallTime;
use regent_raft::clock::Clock;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// What the wall clocks show when a run begins.
const WALL_AT_START: i64 = 1_700_000_000_000;

/// The clocks of one host.
#[derive(Clone, Debug)]
pub struct HostClock {
    booted: Instant,
    began: Instant,
    /// Shared by all clocks the host ever has: its wall clock goes on while it is off.
    wall_ahead_ms: Arc<AtomicI64>,
}

impl HostClock {
    /// A host that is made now, whose wall clock is this much ahead of that of the run, which began then.
    #[must_use]
    pub fn made_now(began: Instant, wall_ahead_ms: i64) -> Self {
        Self { booted: Instant::now(), began, wall_ahead_ms: Arc::new(wall_ahead_ms.into()) }
    }

    /// The clocks of the same host after it was off.
    #[must_use]
    pub fn booted_again(&self) -> Self {
        Self { booted: Instant::now(), ..self.clone() }
    }

    /// Has the wall clock show so much more, from now on.
    pub fn jump(&self, by_ms: i64) {
        self.wall_ahead_ms.fetch_add(by_ms, Ordering::Relaxed);
    }
}

impl Clock for HostClock {
    fn since_boot(&self) -> Duration {
        self.booted.elapsed()
    }

    fn wall(&self) -> WallTime {
        let passed = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let ahead = self.wall_ahead_ms.load(Ordering::Relaxed);
        WallTime(WALL_AT_START.saturating_add(passed).saturating_add(ahead))
    }
}
