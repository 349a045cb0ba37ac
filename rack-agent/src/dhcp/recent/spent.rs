//! A token bucket, as what was taken from it.

use crate::lease::rack_time::RackTime;
use std::time::Duration;

/// Time that has to pass before a bucket is full, counted from when it was last used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
    owed: Duration,
    at: RackTime,
}

impl Spent {
    /// One token more, which comes back after `token`, taken from a bucket that is full after `full`. None if there is none
    /// left: nothing is taken then.
    #[must_use]
    pub fn and_one(
        last: Option<Self>,
        token: Duration,
        full: Duration,
        now: RackTime,
    ) -> Option<Self> {
        let since = |last: Self| Duration::from_millis(last.at.until(now).0);
        let owed = last.map_or(Duration::ZERO, |last| last.owed.saturating_sub(since(last)));
        let owed = owed + token;
        (owed <= full).then_some(Self { owed, at: now })
    }
}

#[cfg(test)]
mod tests {
    use super::Spent;
    use crate::lease::rack_time::RackTime;
    use std::time::Duration;

    #[test]
    fn tokens_may_come_back_faster_than_the_clock_ticks() {
        let (token, full) = (Duration::from_micros(100), Duration::from_micros(500));
        let taken_at = |mut last: Option<Spent>, now: RackTime| {
            let mut taken = 0;
            while let Some(spent) = Spent::and_one(last, token, full, now) {
                (last, taken) = (Some(spent), taken + 1);
            }
            (last, taken)
        };
        let (last, taken) = taken_at(None, RackTime(7));
        assert_eq!(taken, 5);
        assert_eq!(taken_at(last, RackTime(7)).1, 0);
        let brought = taken_at(last, RackTime(8)).1;
        assert_eq!(brought, 5, "a millisecond brings ten, and five are the most");
    }
}
