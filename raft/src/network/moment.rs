//! Moments by a node's own clock, which it gives to others and gets back: so it knows how long ago they spoke, at the most,
//! without knowing how long their word was under way, and without their clocks.

use crate::runtime::chance::random;
use crate::runtime::elapsed;
use regent_proto::peer::Moment;
use std::time::{Duration, Instant};

/// The clock of one process.
#[derive(Debug)]
pub(crate) struct OwnClock {
    /// Another for each process: what one before it said has no meaning here.
    name: u64,
    began: Instant,
}

impl Default for OwnClock {
    fn default() -> Self {
        Self { name: random(), began: elapsed::now() }
    }
}

impl OwnClock {
    /// Now.
    pub(crate) fn moment(&self) -> Moment {
        let micros = elapsed::since(self.began).as_micros();
        Moment { clock: self.name, micros: u64::try_from(micros).unwrap_or(u64::MAX) }
    }

    /// When a moment was that came back; `None` if it is not of this clock, or never was.
    pub(crate) fn instant(&self, moment: Moment) -> Option<Instant> {
        let instant = self.began.checked_add(Duration::from_micros(moment.micros))?;
        (moment.clock == self.name && instant <= elapsed::now()).then_some(instant)
    }
}

#[cfg(test)]
mod tests {
    use super::OwnClock;
    use regent_proto::peer::Moment;
    use std::time::Duration;

    #[test]
    fn moment_that_comes_back_is_known_to_the_microsecond() {
        let clock = OwnClock::default();
        let moment = clock.moment();
        let instant = clock.instant(moment).unwrap();
        assert_eq!(instant, clock.began + Duration::from_micros(moment.micros));
    }

    #[test]
    fn moment_of_another_process_and_one_still_to_come_are_none() {
        let clock = OwnClock::default();
        assert_eq!(clock.instant(OwnClock::default().moment()), None);
        let Moment { clock: name, micros } = clock.moment();
        for later in [micros + 3_600_000_000, u64::MAX] {
            assert_eq!(clock.instant(Moment { clock: name, micros: later }), None);
        }
    }
}
