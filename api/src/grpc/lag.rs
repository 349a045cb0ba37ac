//! How long a rack has been without something it was told. It says once a second what it has in force, while leases change what it
//! is told many times in between: that alone does not make it late.

use std::time::{Duration, Instant};

/// What a rack was told, and since when it has to have it in force.
#[derive(Clone, Copy, Debug)]
pub struct Lag {
    told: u64,
    /// A revision it did not have when it spoke last, and since when it was to have it. When it has it, the latest one follows.
    awaited: Option<(u64, Instant)>,
}

impl Lag {
    /// Of a rack that was told this revision at the beginning.
    #[must_use]
    pub const fn new(told: u64) -> Self {
        Self { told, awaited: None }
    }

    /// The revision of the last change it was told.
    #[must_use]
    pub const fn told(&self) -> u64 {
        self.told
    }

    /// It is told a revision now.
    pub fn tell(&mut self, revision: u64, now: Instant) {
        self.told = revision;
        self.awaited.get_or_insert((revision, now));
    }

    /// It says that it has this revision in force; since when it is without something it was told.
    pub fn heard(&mut self, applied: u64, now: Instant) -> Duration {
        if self.awaited.is_none_or(|(awaited, _)| awaited <= applied) {
            self.awaited = (applied < self.told).then_some((self.told, now));
        }
        self.awaited.map_or(Duration::ZERO, |(_, since)| now.saturating_duration_since(since))
    }
}

#[cfg(test)]
mod tests {
    use super::Lag;
    use std::time::{Duration, Instant};

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn rack_that_has_it_all_by_its_next_word_is_never_late_however_much_it_is_told() {
        let (mut lag, mut now) = (Lag::new(1), Instant::now());
        for revision in 2..100 {
            lag.tell(revision, now);
            now += SECOND / 10;
            let behind = if revision % 10 == 0 { lag.heard(revision - 1, now) } else { continue };
            assert!(behind <= SECOND, "{behind:?} at {revision}");
        }
        assert_eq!(lag.heard(99, now), Duration::ZERO);
    }

    #[test]
    fn rack_that_stands_still_is_later_each_time_and_no_more_once_it_has_it() {
        let (mut lag, start) = (Lag::new(1), Instant::now());
        assert_eq!(lag.heard(1, start), Duration::ZERO);
        lag.tell(2, start);
        lag.tell(3, start + SECOND);
        assert_eq!(lag.heard(1, start + SECOND), SECOND);
        assert_eq!(lag.heard(1, start + SECOND * 5), SECOND * 5);
        // What came after that counts from now on: the rack moves.
        assert_eq!(lag.heard(2, start + SECOND * 6), Duration::ZERO);
        assert_eq!(lag.heard(2, start + SECOND * 7), SECOND);
        assert_eq!(lag.heard(3, start + SECOND * 8), Duration::ZERO);
        assert_eq!(lag.told(), 3);
    }

    #[test]
    fn rack_that_does_not_take_in_what_it_was_told_at_the_beginning_is_late() {
        let (mut lag, start) = (Lag::new(7), Instant::now());
        lag.heard(0, start);
        assert_eq!(lag.heard(0, start + SECOND * 3), SECOND * 3);
    }
}
