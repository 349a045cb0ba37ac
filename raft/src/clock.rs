//! The clocks of a node that its state depends on: cluster time and wall time come from here alone. How long something
//! takes, and what is overdue, is measured with `runtime::elapsed`.
//!
//! Cluster time is counted with `CLOCK_BOOTTIME`, which no operator sets and which runs on while a host sleeps
//! (DESIGN D4). The wall clock is read for people only.

use regent_core::planted::{self, Planted};
use regent_core::time::{ClusterTime, Millis, WallTime};
use rustix::time::{ClockId, clock_gettime};
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where a node gets its time from.
pub trait Clock: Send + Sync + 'static {
    /// Time since the host booted, sleep included.
    fn since_boot(&self) -> Duration;
    /// What people would say the time is.
    fn wall(&self) -> WallTime;

    /// What cluster time is counted with: the time since boot.
    fn counting(&self) -> Duration {
        if planted::is(Planted::ClusterTimeFromWallClock) {
            return Duration::from_millis(u64::try_from(self.wall().0).unwrap_or_default());
        }
        self.since_boot()
    }
}

/// The host's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn since_boot(&self) -> Duration {
        let now = clock_gettime(ClockId::Boottime);
        let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
        Duration::new(seconds, u32::try_from(now.tv_nsec).unwrap_or_default())
    }

    fn wall(&self) -> WallTime {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        WallTime(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

/// Clocks that stand still until they are moved: for tests and simulation.
#[derive(Debug, Default)]
pub struct ManualClock(Mutex<(Duration, WallTime)>);

impl ManualClock {
    /// Moves the clock that cannot be set.
    pub fn advance(&self, by: Duration) {
        self.0.lock().expect("no panic happens under this lock").0 += by;
    }

    /// Sets the wall clock, forwards or backwards.
    pub fn set_wall(&self, to: WallTime) {
        self.0.lock().expect("no panic happens under this lock").1 = to;
    }
}

impl Clock for ManualClock {
    fn since_boot(&self) -> Duration {
        self.0.lock().expect("no panic happens under this lock").0
    }

    fn wall(&self) -> WallTime {
        self.0.lock().expect("no panic happens under this lock").1
    }
}

/// A leader's cluster clock: set once a term, from what it had applied by then, and run on by its own boot clock.
///
/// Running on from one base, instead of from each applied entry, keeps the time an entry needs to commit from being
/// lost at every entry. It still never gains: what it adds is time that really passed on this host.
#[derive(Debug)]
pub struct LeaderClock {
    base: Mutex<Option<Base>>,
}

#[derive(Clone, Copy, Debug)]
struct Base {
    term: u64,
    cluster: ClusterTime,
    since_boot: Duration,
}

/// What a node has applied, and when.
#[derive(Clone, Copy, Debug)]
pub struct AppliedTime {
    /// Cluster time after the last applied entry.
    pub cluster: ClusterTime,
    /// The boot clock when it was applied here.
    pub since_boot: Duration,
}

impl LeaderClock {
    /// A clock without a base.
    #[must_use]
    pub const fn new() -> Self {
        Self { base: Mutex::new(None) }
    }

    /// The stamp for an entry proposed now in `term`, whose blank entry is applied.
    pub fn stamp(&self, term: u64, applied: AppliedTime, since_boot: Duration) -> ClusterTime {
        let mut base = self.base.lock().expect("no panic happens under this lock");
        let fresh = Base { term, cluster: applied.cluster, since_boot: applied.since_boot };
        let base = match *base {
            Some(current) if current.term == term => current,
            Some(_) | None => *base.insert(fresh),
        };
        let elapsed = since_boot.saturating_sub(base.since_boot).as_millis();
        base.cluster.after(Millis(u64::try_from(elapsed).unwrap_or(u64::MAX)))
    }
}

impl Default for LeaderClock {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::{AppliedTime, Clock, LeaderClock, ManualClock, SystemClock};
    use regent_core::time::{ClusterTime, WallTime};
    use std::time::Duration;

    fn applied(cluster: u64, since_boot: u64) -> AppliedTime {
        AppliedTime { cluster: ClusterTime(cluster), since_boot: Duration::from_millis(since_boot) }
    }

    #[test]
    fn stamps_follow_the_boot_clock_of_the_leader() {
        let clock = LeaderClock::new();
        let at = |ms| clock.stamp(3, applied(1000, 50), Duration::from_millis(ms));
        assert_eq!(at(50), ClusterTime(1000));
        assert_eq!(at(80), ClusterTime(1030));
        assert_eq!(at(500), ClusterTime(1450));
    }

    #[test]
    fn new_term_starts_from_what_was_applied_and_never_gains() {
        let clock = LeaderClock::new();
        assert_eq!(clock.stamp(1, applied(0, 0), Duration::from_millis(900)), ClusterTime(900));
        let next = clock.stamp(2, applied(700, 950), Duration::from_millis(960));
        assert_eq!(next, ClusterTime(710));
    }

    #[test]
    fn wall_clock_does_not_move_cluster_time() {
        let manual = ManualClock::default();
        let clock = LeaderClock::new();
        manual.set_wall(WallTime(3_600_000));
        let before = clock.stamp(1, applied(10, 0), manual.since_boot());
        manual.set_wall(WallTime(-3_600_000));
        assert_eq!(clock.stamp(1, applied(10, 0), manual.since_boot()), before);
    }

    #[test]
    fn boot_clock_runs() {
        let first = SystemClock.since_boot();
        assert!(SystemClock.since_boot() >= first && first > Duration::ZERO);
    }
}
