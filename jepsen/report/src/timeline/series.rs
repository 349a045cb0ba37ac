//! What is drawn as curves, of all operations, shown or not: answers a second, and how long they took.

use crate::timeline::scale::{Micros, Scale};
use regent_check::availability::Service;
use regent_check::history::line::{Nature, Operation, Verdict};
use regent_check::history::reader::History;
use serde::Serialize;

/// Points of a curve.
pub const POINTS_MAX: u64 = 600;
/// Lengths of time that a point may stand for, in microseconds, from short to long.
const STEPS: [u64; 8] =
    [50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000];
const MICROS_PER_SECOND: u64 = 1_000_000;

/// The curves: one entry a step, from the beginning of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Series {
    /// How much time a point stands for.
    pub step: Micros,
    /// Ends of operations a second.
    pub rates: Rates,
    /// How long writes took that went well; addresses aside, which racks give.
    pub writes: Quantiles,
    /// How long reads took that went well.
    pub reads: Quantiles,
}

/// Ends of operations a second, by what became of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rates {
    /// They went well.
    pub ok: Vec<u64>,
    /// They were refused.
    pub fail: Vec<u64>,
    /// Nobody knows; without an answer they count where they were asked.
    pub unknown: Vec<u64>,
}

/// How long operations took, in microseconds; `None` where none ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quantiles {
    /// Half of them took no longer.
    pub p50: Vec<Option<u64>>,
    /// All but one of a hundred took no longer.
    pub p99: Vec<Option<u64>>,
}

/// Draws all curves.
#[must_use]
pub fn series(history: &History, scale: &Scale) -> Series {
    let length = scale.length().0;
    let step = STEPS.into_iter().find(|step| length / step < POINTS_MAX);
    let step = step.unwrap_or(length.div_ceil(POINTS_MAX - 1));
    let points = usize::try_from(length / step).unwrap_or(usize::MAX).saturating_add(1);
    let place = |operation: &Operation| {
        let over = scale.at(operation.answered.unwrap_or(operation.asked));
        usize::try_from(over.0 / step).unwrap_or(usize::MAX)
    };
    let rate = |verdict: Verdict| {
        let mut counts = vec![0_u64; points];
        for told in history.operations.iter().filter(|told| told.said.verdict == verdict) {
            counts[place(&told.said)] += 1;
        }
        counts.into_iter().map(|count| (count * MICROS_PER_SECOND).div_ceil(step)).collect()
    };
    let took = |is_meant: fn(&Operation) -> bool| {
        let mut took = vec![Vec::new(); points];
        for told in &history.operations {
            let operation = &told.said;
            if operation.is_ok()
                && is_meant(operation)
                && let Some(answered) = operation.answered
            {
                let waited = scale.at(answered).0 - scale.at(operation.asked).0;
                took[place(operation)].push(waited);
            }
        }
        took.iter_mut().for_each(|took| took.sort_unstable());
        Quantiles { p50: quantile(&took, 50), p99: quantile(&took, 99) }
    };
    let rates =
        Rates { ok: rate(Verdict::Ok), fail: rate(Verdict::Fail), unknown: rate(Verdict::Unknown) };
    let writes = took(|operation| Service::of(operation) == Some(Service::Writes));
    let reads = took(|operation| operation.function.nature() == Nature::Read);
    Series { step: Micros(step), rates, writes, reads }
}

/// The nearest rank of sorted times.
fn quantile(took: &[Vec<u64>], percent: usize) -> Vec<Option<u64>> {
    let place = |of: usize| (of * percent).div_ceil(100).saturating_sub(1);
    took.iter().map(|took| took.get(place(took.len())).copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantile_is_a_time_that_something_took() {
        let took = [(1..=200).collect(), vec![7], vec![]];
        assert_eq!(quantile(&took, 50), [Some(100), Some(7), None]);
        assert_eq!(quantile(&took, 99), [Some(198), Some(7), None]);
    }
}
