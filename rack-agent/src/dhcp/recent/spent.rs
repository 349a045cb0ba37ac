//! A token bucket, as what was taken from it.

use crate::lease::rack_time::RackTime;
use regent_core::time::Millis;

/// Time that has to pass before a bucket is full, counted from when it was last used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    millis: u64,
    at: RackTime,
}

impl Spent {
    /// One token more, which comes back after `token`, taken from a bucket that is full after `full`. None if there is none
    /// left: nothing is taken then.
    #[must_use]
    pub fn and_one(last: Option<Self>, token: Millis, full: Millis, now: RackTime) -> Option<Self> {
        let owed = last.map_or(0, |last| last.millis.saturating_sub(last.at.until(now).0));
        let millis = owed + token.0;
        (millis <= full.0).then_some(Self { millis, at: now })
    }
}
