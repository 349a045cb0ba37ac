//! Reading the kernel's clocks. What they say of each other is [`watch`](crate::clock::watch)'s affair.

use crate::lease::rack_time::RackTime;
use rustix::time::{ClockId, Timespec, clock_gettime};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;

/// Readings that lie further apart than this, in milliseconds, are not of one moment.
pub const SPREAD_MS_MAX: u64 = 50;
/// So often it is tried to read all clocks at one moment; a busy machine may not let us.
pub const TRIES_MAX: u32 = 5;
const BOOT_ID_FILE: &str = "/proc/sys/kernel/random/boot_id";
const MS_A_SECOND: u64 = 1000;
const NS_A_MS: u64 = 1_000_000;

/// What three clocks say at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// CLOCK_BOOTTIME: deadlines are kept on it. Goes on while the system is suspended; its rate is adjusted with the
    /// wall clock's.
    pub boot: RackTime,
    /// CLOCK_MONOTONIC_RAW in milliseconds: nobody adjusts it.
    pub raw_ms: u64,
    /// CLOCK_REALTIME, which is set by people, by NTP and by hypervisors.
    pub wall: WallTime,
}

/// Milliseconds since 1970 by the wall clock. Two of them say little about the time between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WallTime(pub u64);

/// Which boot of which machine it is, as the kernel says (`/proc/sys/kernel/random/boot_id`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BootId(pub String);

impl Sample {
    /// Reads the clocks at one moment, or as nearly so as the machine lets us.
    #[must_use]
    pub fn now() -> Self {
        let mut best = reading();
        for _ in 1..TRIES_MAX {
            if best.1 <= SPREAD_MS_MAX {
                break;
            }
            let again = reading();
            if again.1 < best.1 {
                best = again;
            }
        }
        best.0
    }
}

/// Reads the clock that deadlines are kept on.
#[must_use]
pub fn now() -> RackTime {
    RackTime(millis(clock_gettime(ClockId::Boottime)))
}

/// Which boot this is: times of [`now`] mean nothing in another one.
///
/// # Errors
/// The kernel does not say.
pub fn boot_id() -> io::Result<BootId> {
    read_boot_id(Path::new(BOOT_ID_FILE))
}

fn read_boot_id(file: &Path) -> io::Result<BootId> {
    let text = std::fs::read_to_string(file)?;
    match text.trim() {
        "" => Err(io::Error::new(io::ErrorKind::InvalidData, "the kernel names no boot")),
        id => Ok(BootId(id.to_owned())),
    }
}

/// What the clocks say, and over how many milliseconds they were read.
fn reading() -> (Sample, u64) {
    let boot = now();
    let raw_ms = millis(clock_gettime(ClockId::MonotonicRaw));
    let wall = WallTime(millis(clock_gettime(ClockId::Realtime)));
    (Sample { boot, raw_ms, wall }, boot.until(now()).0)
}

/// A moment before the clock's beginning, which only a wall clock can show, is taken for the beginning.
fn millis(time: Timespec) -> u64 {
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanoseconds = u64::try_from(time.tv_nsec).unwrap_or_default();
    seconds * MS_A_SECOND + nanoseconds / NS_A_MS
}

#[cfg(test)]
mod tests {
    use super::{Sample, boot_id, now, read_boot_id};

    #[test]
    fn time_goes_on_within_one_boot_and_a_sample_is_of_that_time() {
        let before = now();
        let sample = Sample::now();
        assert!(before <= sample.boot && sample.boot <= now());
        assert_eq!(boot_id().unwrap(), boot_id().unwrap());
    }

    #[test]
    fn a_kernel_that_names_no_boot_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("boot_id");
        assert!(read_boot_id(&file).is_err());
        std::fs::write(&file, "\n").unwrap();
        assert!(read_boot_id(&file).is_err());
        std::fs::write(&file, "4e0e\n").unwrap();
        assert_eq!(read_boot_id(&file).unwrap().0, "4e0e");
    }
}
