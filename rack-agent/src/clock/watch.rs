//! Whether the clocks still agree (rule R12). Pure: it is fed samples and reads no clock.
//!
//! A machine that stands still, because its hypervisor pauses it, notices nothing: all its clocks stand still too,
//! and every deadline lies too late by the length of the pause. One that is restored to an earlier moment does not
//! either. What shows it is the wall clock, when NTP or the hypervisor sets it right. So a step of the wall clock is
//! a reason for doubt, in either direction, as two causes may add up to a step back. So is a system that was
//! suspended (BOOTTIME goes on, MONOTONIC_RAW does not), and a clock that is slewed so fast that deadlines on it are
//! wrong (chrony goes up to 8 %).
//!
//! Doubt costs little where nothing is wrong. With the region in reach it costs a moment: another session is opened, and
//! what the region answers from then on counts again. Without the region the rack falls silent, since it cannot tell a
//! pause from a correction. An NTP step right after boot therefore silences nobody for long: the rack needs the region
//! then anyway. Leases themselves never depend on the wall clock.

use crate::clock::sample::Sample;
use regent_core::time::Millis;

/// How often a sample is to be taken.
pub const SAMPLE_INTERVAL: Millis = Millis::from_secs(1);
/// Clocks that part by more than this are in doubt. A leap second is not more.
pub const PARTED_MAX: Millis = Millis::from_secs(1);
/// Within this time. Clocks whose rates differ by one in a thousand, which all lengths allow for, do not part by
/// [`PARTED_MAX`] in it; rates that differ by two do.
pub const WITHIN: Millis = Millis::from_secs(600);

/// Compares samples with one from a while ago.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    since: Sample,
}

/// Why deadlines can no longer be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// BOOTTIME and MONOTONIC_RAW parted, by so many milliseconds: the system was suspended, or the clock is slewed
    /// too fast.
    Rate(u64),
    /// BOOTTIME and the wall clock parted, by so many milliseconds: the machine stood still, or somebody set the clock.
    Wall(u64),
}

impl Watch {
    /// Begins to watch: whatever was before, `first` is taken for right.
    #[must_use]
    pub const fn new(first: Sample) -> Self {
        Self { since: first }
    }

    /// Takes the next sample, and says whether there is doubt now that was not there before. After a doubt it begins
    /// anew: one step is one doubt.
    pub fn feed(&mut self, sample: Sample) -> Option<Doubt> {
        let doubt = self.judge(&sample);
        let age = self.since.boot.until(sample.boot);
        if doubt.is_some() || age >= WITHIN {
            self.since = sample;
        }
        doubt
    }

    fn judge(&self, sample: &Sample) -> Option<Doubt> {
        let boot = i128::from(sample.boot.0) - i128::from(self.since.boot.0);
        let raw = i128::from(sample.raw_ms) - i128::from(self.since.raw_ms);
        let wall = i128::from(sample.wall.0) - i128::from(self.since.wall.0);
        parted(boot, raw).map(Doubt::Rate).or_else(|| parted(boot, wall).map(Doubt::Wall))
    }
}

/// By how many milliseconds two clocks parted, if that is too much.
fn parted(one: i128, other: i128) -> Option<u64> {
    let by = u64::try_from((one - other).unsigned_abs()).unwrap_or(u64::MAX);
    (by > PARTED_MAX.0).then_some(by)
}

impl std::fmt::Display for Doubt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rate(ms) => write!(
                f,
                "the clock of deadlines and the unadjusted one parted by {ms} ms: the system was suspended, or its clock is \
                 corrected too fast"
            ),
            Self::Wall(ms) => write!(
                f,
                "the wall clock parted from the others by {ms} ms: it was set, or the machine stood still"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Doubt, WITHIN, Watch};
    use crate::clock::sample::{Sample, WallTime};
    use crate::lease::rack_time::RackTime;

    /// Clocks that a test moves, and what the watch said about them.
    struct Machine {
        clocks: Sample,
        watch: Watch,
        doubts: Vec<Doubt>,
    }

    impl Machine {
        fn new() -> Self {
            let wall = WallTime(1_700_000_000_000);
            let clocks = Sample { boot: RackTime(5000), raw_ms: 4000, wall };
            Self { clocks, watch: Watch::new(clocks), doubts: Vec::new() }
        }

        /// One second by the raw clock; the others advance as told.
        fn tick(&mut self, boot_ms: u64, wall_ms: i64) {
            self.clocks.raw_ms += 1000;
            self.clocks.boot.0 += boot_ms;
            self.clocks.wall.0 = self.clocks.wall.0.saturating_add_signed(wall_ms);
            self.doubts.extend(self.watch.feed(self.clocks));
        }

        fn seconds(&mut self, count: u64) {
            for _ in 0..count {
                self.tick(1000, 1000);
            }
        }
    }

    #[test]
    fn clocks_that_go_alike_are_never_in_doubt() {
        let mut machine = Machine::new();
        machine.seconds(5000);
        assert_eq!(machine.doubts, []);
    }

    #[test]
    fn a_step_of_the_wall_clock_is_one_doubt_in_either_direction() {
        for (step, told) in [(1001, 1001), (-1001, 1001), (7_200_000, 7_200_000)] {
            let mut machine = Machine::new();
            machine.seconds(10);
            machine.tick(1000, 1000 + step);
            machine.seconds(2000);
            assert_eq!(machine.doubts, [Doubt::Wall(told)]);
        }
    }

    #[test]
    fn a_leap_second_is_no_doubt() {
        let mut machine = Machine::new();
        machine.tick(1000, 0);
        machine.seconds(2000);
        assert_eq!(machine.doubts, []);
    }

    #[test]
    fn a_suspended_system_is_in_doubt() {
        let mut machine = Machine::new();
        machine.tick(31_000, 31_000);
        machine.seconds(2000);
        assert_eq!(machine.doubts, [Doubt::Rate(30_000)]);
    }

    #[test]
    fn a_machine_that_stood_still_is_in_doubt_once_its_wall_clock_is_set_right() {
        let mut machine = Machine::new();
        machine.seconds(100);
        // The pause itself is in no clock.
        machine.seconds(100);
        assert_eq!(machine.doubts, []);
        machine.tick(1000, 61_000);
        assert_eq!(machine.doubts, [Doubt::Wall(60_000)]);
    }

    #[test]
    fn a_process_that_was_stopped_finds_its_clocks_in_order() {
        let mut machine = Machine::new();
        machine.clocks.raw_ms += 600_000;
        machine.tick(601_000, 601_000);
        assert_eq!(machine.doubts, []);
    }

    #[test]
    fn a_rate_that_the_lengths_allow_for_is_no_doubt_and_twice_that_is() {
        let mut machine = Machine::new();
        for _ in 0..10_000 {
            machine.tick(1001, 1001);
        }
        assert_eq!(machine.doubts, []);
        for _ in 0..2 * WITHIN.0 / 1000 {
            machine.tick(1002, 1002);
        }
        assert!(matches!(machine.doubts[..], [Doubt::Rate(_), ..]), "{:?}", machine.doubts);
    }
}
