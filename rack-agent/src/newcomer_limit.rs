//! How many clients nobody knows may come to a VLAN: the section `[newcomers]`.
//!
//! Whoever has or had an address, has one kept, or was offered one is none of them, so that a site that was served before
//! comes up after a power cut whatever stands here.

use serde::Deserialize;
use std::time::Duration;

/// Unless the configuration says otherwise, so many at once: four racks of a thousand machines on one network, all new,
/// that are switched on together. Firmware gives up after about a minute.
pub const AT_ONCE: u32 = 4096;
/// Unless the configuration says otherwise, so many more a second. A site of 10,000 is served within half a minute;
/// somebody who makes clients up needs more than five minutes for a /16, and takes a region less than a tenth of what it
/// can commit.
pub const PER_SECOND: u32 = 200;
/// No more than this can be asked for: what a rack hears has other bounds by then.
pub const NEWCOMERS_MAX: u32 = 1_000_000;

/// So many clients nobody knows are heard on each VLAN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NewcomerLimit {
    /// At once, after a quiet time.
    pub at_once: u32,
    /// More, each second.
    pub per_second: u32,
}

/// Such a limit would keep every new client out for ever, or is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is {value}; it is at least 1 and at most {NEWCOMERS_MAX}")]
pub struct NewcomerLimitError {
    /// Which key.
    pub name: &'static str,
    /// What it says.
    pub value: u32,
}

impl Default for NewcomerLimit {
    fn default() -> Self {
        Self { at_once: AT_ONCE, per_second: PER_SECOND }
    }
}

impl NewcomerLimit {
    /// Checks that it lets somebody in.
    ///
    /// # Errors
    /// The first value that makes no sense.
    pub fn check(self) -> Result<(), NewcomerLimitError> {
        let all = [("at_once", self.at_once), ("per_second", self.per_second)];
        let is_wrong = |(_, value): &(_, u32)| !(1..=NEWCOMERS_MAX).contains(value);
        match all.into_iter().find(is_wrong) {
            Some((name, value)) => Err(NewcomerLimitError { name, value }),
            None => Ok(()),
        }
    }

    /// Time after which one more is heard. Valid limits only.
    #[must_use]
    pub const fn pause(self) -> Duration {
        Duration::from_nanos(1_000_000_000 / self.per_second as u64)
    }

    /// Time without newcomers after which as many are heard at once again.
    #[must_use]
    pub fn fills_in(self) -> Duration {
        self.pause() * self.at_once
    }
}
