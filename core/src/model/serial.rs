//! Serial numbers of zones and their circular arithmetic (RFC 1982).
//!
//! When a zone's serial rises is decided by apply; here is only how it is counted and compared.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A zone's serial number as in its SOA record.
///
/// Deliberately without `Ord`: which of two serials is newer goes round in a circle, see
/// [`Self::is_newer_than`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Serial(pub u32);

impl Default for Serial {
    /// The first serial of the first zone.
    fn default() -> Self {
        Self(1)
    }
}

/// How far serials jump after a restore, so that no serial announced since the backup comes again.
pub const RESTORE_SERIALS: u32 = 1 << 20;

/// The longest step RFC 1982 defines; a longer one would look like going back.
const STEP_MAX: u32 = (1 << 31) - 1;

impl Serial {
    /// The serial after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// The serial `steps` after this one; None beyond 2^31 - 1 steps, which RFC 1982 leaves
    /// undefined.
    #[must_use]
    pub const fn checked_add(self, steps: u32) -> Option<Self> {
        if steps > STEP_MAX { None } else { Some(Self(self.0.wrapping_add(steps))) }
    }

    /// The serial to go on with after a restore: [`RESTORE_SERIALS`] later.
    #[must_use]
    pub const fn after_restore(self) -> Self {
        Self(self.0.wrapping_add(RESTORE_SERIALS))
    }

    /// Whether this serial comes after `other`. False both ways round if they lie exactly 2^31
    /// apart.
    #[must_use]
    pub const fn is_newer_than(self, other: Self) -> bool {
        let steps = self.0.wrapping_sub(other.0);
        steps != 0 && steps <= STEP_MAX
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::{RESTORE_SERIALS, Serial};

    #[test]
    fn the_next_serial_is_newer_also_where_the_number_wraps() {
        for number in [0, 1, (1 << 31) - 1, 1 << 31, u32::MAX] {
            let serial = Serial(number);
            assert!(serial.next().is_newer_than(serial), "{number}");
            assert!(!serial.is_newer_than(serial.next()), "{number}");
            assert!(!serial.is_newer_than(serial), "{number}");
        }
        assert_eq!(Serial(u32::MAX).next(), Serial(0));
    }

    #[test]
    fn half_a_circle_away_neither_is_newer() {
        let (here, there) = (Serial(7), Serial(7 + (1 << 31)));
        assert!(!here.is_newer_than(there) && !there.is_newer_than(here));
    }

    #[test]
    fn steps_are_bounded_as_in_rfc_1982() {
        let serial = Serial(u32::MAX);
        assert_eq!(serial.checked_add(2), Some(Serial(1)));
        let farthest = serial.checked_add((1 << 31) - 1).expect("defined");
        assert!(farthest.is_newer_than(serial));
        assert_eq!(serial.checked_add(1 << 31), None);
    }

    #[test]
    fn a_restore_passes_every_serial_announced_since_the_backup() {
        let backup = Serial(u32::MAX - 5);
        let mut announced = backup;
        for _ in 0..1000 {
            announced = announced.next();
        }
        assert!(backup.after_restore().is_newer_than(announced));
        assert_eq!(backup.after_restore().0.wrapping_sub(backup.0), RESTORE_SERIALS);
    }
}
