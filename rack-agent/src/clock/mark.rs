//! What the clocks showed when they were last in order, to be remembered: a machine may stand still, or its clock be set,
//! while no process is there to notice (rule R12). Pure.

use crate::clock::sample::{Sample, WallTime};
use crate::clock::watch::PARTED_MAX;
use crate::lease::rack_time::RackTime;
use regent_core::time::Millis;
use serde::{Deserialize, Serialize};

/// Of so many milliseconds one may be the difference of two rates that are right: one in a thousand, which all lengths of
/// the lease protocol allow for.
const DRIFT: u64 = 1000;

/// Two clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The clock that deadlines are kept on.
    pub boot: RackTime,
    /// The wall clock.
    pub wall: WallTime,
}

impl From<Sample> for Mark {
    fn from(Sample { boot, raw_ms: _, wall }: Sample) -> Self {
        Self { boot, wall }
    }
}

impl Mark {
    /// By how much the clocks have parted between this mark and a later one of the same boot, if that is more than they
    /// may: they stood still or were set meanwhile.
    #[must_use]
    pub fn parted(&self, later: &Self) -> Option<Millis> {
        let boot = i128::from(later.boot.0) - i128::from(self.boot.0);
        let wall = i128::from(later.wall.0) - i128::from(self.wall.0);
        let by = Millis(u64::try_from((boot - wall).unsigned_abs()).unwrap_or(u64::MAX));
        let drift = self.boot.until(later.boot).0 / DRIFT;
        // A clock of deadlines that went back is of another machine, or of an earlier state of this one.
        let is_sound = self.boot <= later.boot && by.0 <= PARTED_MAX.0.saturating_add(drift);
        (!is_sound).then_some(by)
    }
}

#[cfg(test)]
mod tests {
    use super::Mark;
    use crate::clock::sample::WallTime;
    use crate::lease::rack_time::RackTime;
    use regent_core::time::Millis;

    const MARK: Mark = Mark { boot: RackTime(50_000), wall: WallTime(900_000) };

    fn later(boot_ms: u64, wall_ms: i64) -> Mark {
        let wall = WallTime(MARK.wall.0.saturating_add_signed(wall_ms));
        Mark { boot: RackTime(MARK.boot.0 + boot_ms), wall }
    }

    #[test]
    fn clocks_that_went_on_alike_have_not_parted_however_long_nobody_looked() {
        assert_eq!(MARK.parted(&MARK), None);
        assert_eq!(MARK.parted(&later(1_000, 2_000)), None);
        assert_eq!(MARK.parted(&later(100_000_000, 100_101_000)), None);
        assert_eq!(MARK.parted(&later(100_000_000, 99_899_000)), None);
    }

    #[test]
    fn a_pause_or_a_step_while_nobody_looked_shows() {
        assert_eq!(MARK.parted(&later(1_000, 2_002)), Some(Millis(1_002)));
        assert_eq!(MARK.parted(&later(60_000, 3_660_000)), Some(Millis(3_600_000)));
        assert_eq!(MARK.parted(&later(60_000, -600_000)), Some(Millis(660_000)));
    }

    #[test]
    fn a_clock_of_deadlines_that_went_back_is_not_sound_even_if_the_wall_clock_went_back_with_it() {
        let earlier = Mark { boot: RackTime(40_000), wall: WallTime(890_000) };
        assert_eq!(MARK.parted(&earlier), Some(Millis(0)));
    }
}
