//! What `perfdhcp` wrote of a run.

use anyhow::Context as _;
use std::str::FromStr;

/// More than one in so many exchanges that came to nothing is no clean run.
const LOST_ONE_IN: usize = 1_000;
/// A driver that began fewer than so many of a hundred exchanges it was to begin measured itself.
const BEGUN_PERCENT_MIN: usize = 97;

/// The exchanges of a run, each DISCOVER, OFFER, REQUEST, ACK.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exchanges {
    /// DISCOVERs sent.
    pub begun: usize,
    /// ACKs that came in time.
    pub done: usize,
    /// How long each OFFER took in milliseconds, in ascending order; only if the driver was asked.
    pub offers_ms: Vec<f64>,
    /// How long each ACK took.
    pub acks_ms: Vec<f64>,
}

impl Exchanges {
    /// Whether as many were begun as should be, and all but a few came to an end.
    #[must_use]
    pub const fn is_clean(&self, wanted: usize) -> bool {
        let lost = self.begun.saturating_sub(self.done);
        self.begun * 100 >= wanted * BEGUN_PERCENT_MIN && lost * LOST_ONE_IN <= self.begun
    }
}

/// The length that so many of a hundred do not exceed.
#[must_use]
pub fn percentile(sorted_ms: &[f64], percent: usize) -> Option<f64> {
    let last = sorted_ms.len().checked_sub(1)?;
    sorted_ms.get((last * percent).div_ceil(100)).copied()
}

impl FromStr for Exchanges {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let (offers, acks) = ("DISCOVER-OFFER***", "REQUEST-ACK***");
        let counted = |name: &str, what: &str| -> anyhow::Result<usize> {
            let section = section(text, "***Statistics for: ", name).context("no statistics")?;
            let line = section.lines().find_map(|line| line.strip_prefix(what));
            Ok(line.context("no count")?.trim().parse()?)
        };
        Ok(Self {
            begun: counted(offers, "sent packets:")?,
            done: counted(acks, "received packets:")?,
            offers_ms: delays(section(text, "***Timestamps for packets: ", offers)),
            acks_ms: delays(section(text, "***Timestamps for packets: ", acks)),
        })
    }
}

fn section<'a>(text: &'a str, kind: &str, name: &str) -> Option<&'a str> {
    let (_, behind) = text.split_once(&format!("{kind}{name}"))?;
    Some(behind.split_once("\n***").map_or(behind, |(section, _)| section))
}

fn delays(section: Option<&str>) -> Vec<f64> {
    let delay = |line: &str| {
        let (sent, received) = line.strip_prefix("sent / received: ")?.split_once(" / ")?;
        Some((received.trim().parse::<f64>().ok()? - sent.trim().parse::<f64>().ok()?) * 1e3)
    };
    let mut delays: Vec<f64> = section.into_iter().flat_map(str::lines).filter_map(delay).collect();
    delays.sort_unstable_by(f64::total_cmp);
    delays
}

#[cfg(test)]
mod tests {
    use super::{Exchanges, percentile};

    const SAID: &str = "\
***Rate statistics***
Rate: 1.8 4-way exchanges/second, expected rate: 2

***Statistics for: DISCOVER-OFFER***
sent packets: 3
received packets: 2
drops: 1

***Statistics for: REQUEST-ACK***
sent packets: 2
received packets: 2

***Timestamps for packets: DISCOVER-OFFER***
sent / received: 000001.000000 / 000001.004000
sent / received: 000000.000131 / 000000.001131

***Timestamps for packets: REQUEST-ACK***
sent / received: 000001.005000 / 000001.007000
";

    #[test]
    fn counts_and_delays_are_read() {
        let read: Exchanges = SAID.parse().unwrap();
        assert_eq!((read.begun, read.done), (3, 2));
        let rounded = |delays: &[f64]| delays.iter().map(|ms| ms.round()).collect::<Vec<_>>();
        assert_eq!((rounded(&read.offers_ms), rounded(&read.acks_ms)), (vec![1.0, 4.0], vec![2.0]));
        assert_eq!(percentile(&read.offers_ms, 99).map(f64::round), Some(4.0));
        assert_eq!(percentile(&[], 50), None);
        assert!("perfdhcp: no such option".parse::<Exchanges>().is_err());
    }

    #[test]
    fn run_is_clean_if_the_driver_kept_its_rate_and_hardly_anything_was_lost() {
        let run = |begun, done| Exchanges { begun, done, ..Exchanges::default() };
        assert!(run(1_000, 999).is_clean(1_000) && run(970, 970).is_clean(1_000));
        assert!(!run(1_000, 998).is_clean(1_000) && !run(969, 969).is_clean(1_000));
    }
}
