//! What a phase came to, for people.

use crate::faults::arguments::{IN_FLIGHT_WANTED, RATE_WANTED};
use crate::faults::fault::{Fault, FaultKind, Outcome, Resumption};
use crate::judge::violation::Violation;
use crate::load::record::{Fate, WriteRecord};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// Violations that are printed in full.
const VIOLATIONS_TOLD_MAX: usize = 20;

/// A phase and its judgement.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Name of the phase.
    pub phase: &'static str,
    /// How many faults were wanted.
    pub wanted: usize,
    /// What was done, each with the longest time without an acknowledged write until the next one.
    pub faults: Vec<(Fault, Option<Duration>)>,
    /// What became of the writes.
    pub tally: Tally,
    /// Per cent of the acknowledged writes that came in through followers.
    pub follower_percent: usize,
    /// Attempts of writes that did not go well, by the code of the problem.
    pub codes: BTreeMap<String, usize>,
    /// What should have been seen and was not.
    pub unmet: Vec<String>,
    /// What was looked at, in words.
    pub judged: Vec<String>,
    /// What is wrong.
    pub violations: Vec<Violation>,
    /// Where the nodes' data was left, if anything is wrong.
    pub kept: Option<PathBuf>,
}

/// Writes by their fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Acknowledged.
    pub acknowledged: usize,
    /// Of those, with more than one attempt under a key.
    pub retried: usize,
    /// Refused.
    pub refused: usize,
    /// Of unknown fate.
    pub unknown: usize,
}

/// Interrupted snapshots by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Resumptions {
    resumed: usize,
    offered_again: usize,
    anew: usize,
    untold: usize,
}

impl Tally {
    /// Counts.
    #[must_use]
    pub fn of(writes: &[WriteRecord]) -> Self {
        let mut tally = Self::default();
        for write in writes {
            match write.fate {
                Fate::Acknowledged { .. } => tally.acknowledged += 1,
                Fate::Refused { .. } => tally.refused += 1,
                Fate::Unknown => tally.unknown += 1,
            }
            let acknowledged = matches!(write.fate, Fate::Acknowledged { .. });
            if acknowledged && write.key.is_some() && write.attempts.len() > 1 {
                tally.retried += 1;
            }
        }
        tally
    }
}

/// How often each code was answered.
#[must_use]
pub fn codes(writes: &[WriteRecord]) -> BTreeMap<String, usize> {
    let mut codes = BTreeMap::new();
    for code in writes.iter().flat_map(|write| &write.attempts).filter_map(|a| a.code.as_ref()) {
        *codes.entry(code.clone()).or_default() += 1;
    }
    codes
}

impl Report {
    /// Whether all faults were done and no promise was broken; if `require`, also under the load they should meet, and
    /// with all seen that should be: of interrupted snapshots that were offered again every one went on where it was, one
    /// at least.
    #[must_use]
    pub fn passed(&self, require: bool) -> bool {
        let loaded = self.installed().all(|(fault, _)| fault.met_load());
        let done = self.installed().count() == self.wanted;
        self.violations.is_empty()
            && done
            && ((loaded && self.unmet.is_empty() && self.resumed_all()) || !require)
    }

    /// Whether no interrupted snapshot was sent twice, and one at least went on: another snapshot may be offered now and
    /// then, but not always.
    fn resumed_all(&self) -> bool {
        let installs = self.installed().any(|(fault, _)| fault.kind == FaultKind::KillInstall);
        let Resumptions { resumed, offered_again, .. } = self.resumptions();
        resumed == offered_again && (resumed > 0 || !installs)
    }

    fn resumptions(&self) -> Resumptions {
        let mut count = Resumptions::default();
        for resumption in self.installed().filter_map(|(fault, _)| fault.resumption) {
            match resumption {
                Resumption::Resumed { .. } => {
                    count.resumed += 1;
                    count.offered_again += 1;
                }
                Resumption::Repeated => count.offered_again += 1,
                Resumption::Anew => count.anew += 1,
                Resumption::Untold => count.untold += 1,
            }
        }
        count
    }

    fn installed(&self) -> impl Iterator<Item = &(Fault, Option<Duration>)> {
        self.faults.iter().filter(|(fault, _)| fault.is_installed())
    }

    fn gaps(&self) -> Vec<Duration> {
        let mut gaps: Vec<_> = self.installed().filter_map(|(_, gap)| *gap).collect();
        gaps.sort_unstable();
        gaps
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "phase {}", self.phase)?;
        writeln!(
            f,
            "  {:<13}{:<5}{:>9}{:>11}{:>11}{:>9}",
            "fault", "node", "writes/s", "in flight", "healed s", "gap s"
        )?;
        for (fault, gap) in &self.faults {
            write_fault(f, fault, *gap)?;
        }
        let gaps = self.gaps();
        if let (Some(median), Some(worst)) = (median(&gaps), gaps.last()) {
            let (median, worst) = (median.as_secs_f64(), worst.as_secs_f64());
            writeln!(f, "  write gap: median {median:.3} s, worst {worst:.3} s")?;
        }
        let met = self.installed().filter(|(fault, _)| fault.met_load()).count();
        let installed = self.installed().count();
        writeln!(
            f,
            "  {installed} of {} faults done, {met} of them under at least {RATE_WANTED} writes/s and {IN_FLIGHT_WANTED} in flight",
            self.wanted
        )?;
        let Resumptions { resumed, offered_again, anew, untold } = self.resumptions();
        if offered_again + anew + untold > 0 {
            writeln!(
                f,
                "  resumed {resumed} of {offered_again} interrupted snapshots that were offered again; another one was offered {anew} times, {untold} untold"
            )?;
        }
        let Tally { acknowledged, retried, refused, unknown } = self.tally;
        let percent = self.follower_percent;
        writeln!(
            f,
            "  {acknowledged} writes acknowledged ({retried} after retries with a key, {percent} % through followers), {refused} refused, {unknown} unknown"
        )?;
        let codes: Vec<_> =
            self.codes.iter().map(|(code, times)| format!("{code} {times}")).collect();
        if !codes.is_empty() {
            writeln!(f, "  attempts that went otherwise: {}", codes.join(", "))?;
        }
        for unmet in &self.unmet {
            writeln!(f, "  UNMET: {unmet}")?;
        }
        for judged in &self.judged {
            writeln!(f, "  {judged}")?;
        }
        for violation in self.violations.iter().take(VIOLATIONS_TOLD_MAX) {
            writeln!(f, "  VIOLATION: {violation}")?;
        }
        if let Some(kept) = &self.kept {
            writeln!(f, "  the nodes' data is kept in {}", kept.display())?;
        }
        writeln!(f, "  {} violations", self.violations.len())
    }
}

/// The middle of times in order, or half-way between the two in the middle.
fn median(times: &[Duration]) -> Option<Duration> {
    let upper = times.get(times.len() / 2)?;
    let lower = times.get((times.len() - 1) / 2)?;
    Some((*lower + *upper) / 2)
}

fn write_fault(f: &mut fmt::Formatter<'_>, fault: &Fault, gap: Option<Duration>) -> fmt::Result {
    let Fault { kind, node, rate, in_flight, .. } = fault;
    let seconds = |time: Duration| format!("{:.3}", time.as_secs_f64());
    let healed = fault.healed.map(|healed| Duration::from_nanos(healed.0 - fault.began.0));
    let healed = healed.map_or_else(|| "-".to_owned(), seconds);
    let gap = gap.map_or_else(|| "-".to_owned(), seconds);
    write!(f, "  {:<13}{node:<5}{rate:>9}{in_flight:>11}{healed:>11}{gap:>9}", kind.name())?;
    match &fault.outcome {
        Outcome::Installed => match fault.resumption {
            Some(Resumption::Resumed { from_bytes }) => {
                writeln!(f, "   resumed from byte {from_bytes}")
            }
            Some(Resumption::Repeated) => writeln!(f, "   sent again from the first byte"),
            Some(Resumption::Anew) => writeln!(f, "   another snapshot was offered"),
            Some(Resumption::Untold) | None => writeln!(f),
        },
        Outcome::Skipped { why } => writeln!(f, "   skipped: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::median;
    use std::time::Duration;

    #[test]
    fn median_of_an_even_number_of_times_is_half_way_between_the_two_in_the_middle() {
        let times = [1, 2, 4, 9].map(Duration::from_secs);
        assert_eq!(median(&times), Some(Duration::from_secs(3)));
        assert_eq!(median(&times[..3]), Some(Duration::from_secs(2)));
        assert_eq!(median(&[]), None);
    }
}
