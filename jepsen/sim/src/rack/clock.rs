//! The clocks of a rack's machine: one counts from its boot, at a rate that is a little wrong, the other is for people.

use regent_rack_agent::clock::sample::{BootId, Sample, WallTime};
use regent_rack_agent::lease::rack_time::RackTime;
use std::time::Duration;
use tokio::time::Instant;

/// What the clock of deadlines shows when the machine has booted.
const BOOTED_MS: u64 = 1_000;
/// What wall clocks show when a run begins.
const WALL_AT_START_MS: u64 = 1_700_000_000_000;
const PPM: i64 = 1_000_000;

/// By how much a clock counts more than passes, in parts of a million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(pub i64);

impl Rate {
    /// How much of a time this clock counts, in milliseconds.
    #[must_use]
    pub fn counted_ms(self, passed: Duration) -> u64 {
        let passed = i64::try_from(passed.as_micros()).unwrap_or(i64::MAX / (2 * PPM));
        let counted = i128::from(passed) * i128::from(PPM + self.0) / i128::from(PPM);
        u64::try_from(counted / 1_000).unwrap_or_default()
    }

    /// How much time passes until this clock has counted so much.
    #[must_use]
    pub fn passes(self, counted: Duration) -> Duration {
        let counted = u64::try_from(counted.as_micros()).unwrap_or(u64::MAX);
        let rate = u128::try_from(PPM + self.0).unwrap_or(1).max(1);
        let passes = u128::from(counted) * u128::from(PPM.unsigned_abs()) / rate;
        Duration::from_micros(u64::try_from(passes).unwrap_or(u64::MAX))
    }
}

/// The clocks of one machine.
#[derive(Clone, Debug)]
pub struct RackClock {
    rate: Rate,
    began: Instant,
    booted: Instant,
    boots: u64,
    wall_ahead_ms: i64,
}

impl RackClock {
    /// Clocks of a machine that boots now, as its run begins.
    #[must_use]
    pub fn booted_now(rate: Rate) -> Self {
        let now = Instant::now();
        Self { rate, began: now, booted: now, boots: 0, wall_ahead_ms: 0 }
    }

    /// The machine boots again.
    pub fn boot(&mut self) {
        self.booted = Instant::now();
        self.boots += 1;
    }

    /// The wall clock is set.
    pub const fn jump(&mut self, by_ms: i64) {
        self.wall_ahead_ms = self.wall_ahead_ms.saturating_add(by_ms);
    }

    /// Which boot it is.
    #[must_use]
    pub fn boot_id(&self) -> BootId {
        BootId(format!("boot {}", self.boots))
    }

    /// What the clock of deadlines shows.
    #[must_use]
    pub fn now(&self) -> RackTime {
        RackTime(BOOTED_MS + self.rate.counted_ms(self.booted.elapsed()))
    }

    /// What all clocks show.
    #[must_use]
    pub fn sample(&self) -> Sample {
        let boot = self.now();
        let wall = WALL_AT_START_MS + self.rate.counted_ms(self.began.elapsed());
        let wall = WallTime(wall.saturating_add_signed(self.wall_ahead_ms));
        Sample { boot, raw_ms: boot.0, wall }
    }
}

#[cfg(test)]
mod tests {
    use super::Rate;
    use std::time::Duration;

    #[test]
    fn fast_clock_counts_more_than_passes_and_says_so_earlier() {
        let (fast, slow) = (Rate(500), Rate(-500));
        let passed = Duration::from_secs(1_000);
        assert_eq!((fast.counted_ms(passed), slow.counted_ms(passed)), (1_000_500, 999_500));
        assert_eq!(fast.passes(Duration::from_millis(1_000_500)), passed);
        assert_eq!(slow.passes(Duration::from_millis(999_500)), passed);
    }
}
