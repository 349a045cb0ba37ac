//! Times without a good answer, by service: those that are longer than usual, so that outages are seen at once.

use crate::timeline::scale::{Micros, Scale};
use regent_check::availability::Service;
use regent_check::history::line::Operation;
use regent_check::history::reader::History;
use serde::Serialize;
use std::cmp::Reverse;

/// Shorter ones are nothing to look at, in microseconds.
pub const SHORTEST: u64 = 100_000;
/// Nor are those that are shorter than so many times the middle one: it may be that nobody asks more often.
pub const USUAL_TIMES: u64 = 8;
/// Fewer than so many gaps say nothing of what is usual.
const USUAL_OF_MIN: usize = 20;
/// Gaps drawn of a service: the longest.
pub const GAPS_MAX: usize = 300;

/// The gaps of a service that was asked for at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outages {
    /// Which service.
    pub name: &'static str,
    /// Its first question and its last.
    pub asked: (Micros, Micros),
    /// From one good answer to the next, in the order of time.
    pub gaps: Vec<(Micros, Micros)>,
}

/// The gaps of each service that was asked for.
#[must_use]
pub fn outages(history: &History, scale: &Scale) -> Vec<Outages> {
    let services = [
        (Service::Writes, "writes"),
        (Service::Dns, "DNS"),
        (Service::Addresses, "addresses"),
        (Service::Leases, "DHCP"),
    ];
    services.into_iter().filter_map(|(service, name)| of(history, scale, service, name)).collect()
}

fn of(history: &History, scale: &Scale, service: Service, name: &'static str) -> Option<Outages> {
    let operations = history.operations.iter().map(|told| &told.said);
    let asked = operations.filter(|operation| Service::of(operation) == Some(service));
    let asked: Vec<&Operation> = asked.collect();
    let questions = asked.iter().map(|operation| scale.at(operation.asked));
    let (first, last) = (questions.clone().min()?, questions.max()?);
    let good = asked.iter().filter(|operation| operation.is_ok());
    let mut good: Vec<_> =
        good.filter_map(|operation| operation.answered).map(|at| scale.at(at)).collect();
    good.sort_unstable();
    let begins = [first].into_iter().chain(good.iter().copied());
    let ends = good.iter().copied().chain([last]);
    let mut gaps: Vec<_> = begins.zip(ends).filter(|(begin, end)| begin <= end).collect();
    let shortest = shortest(&gaps);
    gaps.retain(|gap| length(*gap) >= shortest);
    gaps.sort_by_key(|gap| Reverse(length(*gap)));
    gaps.truncate(GAPS_MAX);
    gaps.sort_unstable();
    Some(Outages { name, asked: (first, last), gaps })
}

/// What is long among these.
fn shortest(gaps: &[(Micros, Micros)]) -> u64 {
    let mut lengths: Vec<_> = gaps.iter().copied().map(length).collect();
    lengths.sort_unstable();
    let usual = lengths.get(lengths.len() / 2).copied().unwrap_or_default();
    // Where there are two or three answers at all, none of the times between them is usual.
    let usual = if lengths.len() > USUAL_OF_MIN { usual } else { 0 };
    SHORTEST.max(usual.saturating_mul(USUAL_TIMES))
}

const fn length((begin, end): (Micros, Micros)) -> u64 {
    end.0 - begin.0
}

#[cfg(test)]
mod tests {
    use super::shortest;
    use crate::timeline::scale::Micros;

    /// Gaps of so many milliseconds, one after the other.
    fn gaps(milliseconds: &[u64]) -> Vec<(Micros, Micros)> {
        milliseconds.iter().map(|gap| (Micros(7), Micros(7 + gap * 1_000))).collect()
    }

    #[test]
    fn gap_is_long_by_what_is_usual_but_never_below_a_tenth_of_a_second() {
        assert_eq!(shortest(&gaps(&[5; 100])), 100_000);
        assert_eq!(shortest(&gaps(&[50; 100])), 400_000);
        assert_eq!(shortest(&gaps(&[3_000; 3])), 100_000);
        assert_eq!(shortest(&[]), 100_000);
    }
}
