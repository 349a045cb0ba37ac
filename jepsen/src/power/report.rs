//! What the cuts came to, for people.

use crate::judge::violation::Violation;
use crate::load::record::{Fate, WriteRecord};
use crate::power::moment::Moment;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// Violations that are printed in full.
const VIOLATIONS_TOLD_MAX: usize = 10;

/// One power cut of all disks.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The moment that was waited for.
    pub wanted: Moment,
    /// What was certainly under way.
    pub met: Moment,
    /// Writes acknowledged since the cut before.
    pub acknowledged: usize,
    /// Of those, with more than one attempt under a key.
    pub retried: usize,
    /// Writes whose fate nobody knows.
    pub unknown: usize,
    /// Nodes that joined anew because power had gone while they were joining.
    pub rejoined: usize,
    /// How long the cluster took to be complete again.
    pub back_after: Duration,
    /// How long after the last node was started a write was acknowledged, if one was.
    pub served_after: Option<Duration>,
    /// What is wrong.
    pub violations: Vec<Violation>,
}

/// All cuts of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What was left out, or `shipped`.
    pub title: String,
    /// Each cut.
    pub cuts: Vec<Cut>,
    /// Committed entries that were applied again from the nodes' logs.
    pub replayed_entries: usize,
    /// Writes of clients found in effect there.
    pub replayed_effects: usize,
    /// What was wrong at the end of a cluster.
    pub violations: Vec<Violation>,
}

impl Cut {
    /// A cut, with what clients remember of their writes around it.
    #[must_use]
    pub fn new(wanted: Moment, met: Moment, writes: &[WriteRecord], back_after: Duration) -> Self {
        let acknowledged = |write: &&WriteRecord| matches!(write.fate, Fate::Acknowledged { .. });
        let retried = |write: &&WriteRecord| write.key.is_some() && write.attempts.len() > 1;
        Self {
            wanted,
            met,
            acknowledged: writes.iter().filter(acknowledged).count(),
            retried: writes.iter().filter(acknowledged).filter(retried).count(),
            unknown: writes.iter().filter(|write| write.fate == Fate::Unknown).count(),
            rejoined: 0,
            back_after,
            served_after: None,
            violations: Vec::new(),
        }
    }

    /// Whether it broke a promise.
    #[must_use]
    pub const fn is_broken(&self) -> bool {
        !self.violations.is_empty()
    }
}

impl Report {
    /// A report on nothing yet.
    #[must_use]
    pub fn on(title: &str) -> Self {
        Self { title: title.to_owned(), ..Self::default() }
    }

    /// Whether a promise was broken.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.all_violations().next().is_some()
    }

    /// Whether acknowledged writes were lost: at a cut, so that there were some, whatever else was wrong there.
    #[must_use]
    pub fn saw_loss(&self) -> bool {
        let of_cuts = self.cuts.iter().filter(|cut| cut.acknowledged > 0);
        let of_cuts = of_cuts.flat_map(|cut| &cut.violations);
        of_cuts.chain(&self.violations).any(Violation::is_loss)
    }

    /// Cuts while nothing was written.
    #[must_use]
    pub fn idle(&self) -> usize {
        self.cuts.iter().filter(|cut| cut.met == Moment::Idle).count()
    }

    /// Cuts that met a purge, a snapshot or a change of members.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.cuts.iter().filter(|cut| cut.met.is_in_flight()).count()
    }

    /// The middle one and the longest of the times in which a write was acknowledged again.
    fn served_after(&self) -> Option<(Duration, Duration)> {
        let mut times: Vec<_> = self.cuts.iter().filter_map(|cut| cut.served_after).collect();
        times.sort_unstable();
        Some((*times.get(times.len() / 2)?, *times.last()?))
    }

    fn all_violations(&self) -> impl Iterator<Item = &Violation> {
        let of_cuts = self.cuts.iter().flat_map(|cut| &cut.violations);
        of_cuts.chain(&self.violations)
    }

    fn count(&self, kind: impl Fn(&Violation) -> bool) -> usize {
        self.all_violations().filter(|violation| kind(violation)).count()
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wanted, met, acknowledged, retried, unknown, back_after, violations, .. } = self;
        let missed = if wanted == met { "" } else { " (missed)" };
        write!(
            f,
            "    {:<17}{missed:<9} {acknowledged:>6} acknowledged, {retried:>3} after a retry, {unknown:>3} unknown; back after {:>6.2} s, {} violations",
            wanted.name(),
            back_after.as_secs_f64(),
            violations.len()
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum = |figure: fn(&Cut) -> usize| self.cuts.iter().map(figure).sum::<usize>();
        let acknowledged = sum(|cut| cut.acknowledged);
        let (retried, unknown) = (sum(|cut| cut.retried), sum(|cut| cut.unknown));
        let lost = self.count(|violation| {
            matches!(violation, Violation::Lost { .. } | Violation::Overwritten { .. })
        });
        let amnesia = self.count(|violation| matches!(violation, Violation::Amnesia { .. }));
        let all = self.all_violations().count();
        writeln!(f, "powercut {}: {} cuts of all disks at once", self.title, self.cuts.len())?;
        let mut met = BTreeMap::new();
        for cut in &self.cuts {
            *met.entry(cut.met).or_insert(0) += 1;
        }
        let met: Vec<_> =
            met.iter().map(|(moment, times)| format!("{} {times}", moment.name())).collect();
        writeln!(f, "  under way: {}; {} in flight", met.join(", "), self.in_flight())?;
        writeln!(
            f,
            "  {acknowledged} writes acknowledged ({retried} after retries with a key), {unknown} unknown"
        )?;
        if let Some((median, worst)) = self.served_after() {
            let (median, worst) = (median.as_secs_f64(), worst.as_secs_f64());
            writeln!(
                f,
                "  first write after the last node was started: median {median:.2} s, worst {worst:.2} s"
            )?;
        }
        let rejoined = sum(|cut| cut.rejoined);
        writeln!(f, "  {rejoined} nodes joined anew, which were joining when power went")?;
        if self.replayed_entries > 0 {
            let (entries, effects) = (self.replayed_entries, self.replayed_effects);
            writeln!(f, "  {entries} committed entries applied again: {effects} writes in effect")?;
        }
        for violation in self.all_violations().take(VIOLATIONS_TOLD_MAX) {
            writeln!(f, "  VIOLATION: {violation}")?;
        }
        writeln!(f, "  {lost} lost, {amnesia} nodes took themselves for amnesiac, {all} violations")
    }
}

#[cfg(test)]
mod tests {
    use super::{Cut, Report};
    use crate::judge::violation::Violation;
    use crate::power::moment::Moment;
    use std::time::Duration;

    fn after(acknowledged: usize, violation: Violation) -> Report {
        let cut = Cut::new(Moment::Load, Moment::Load, &[], Duration::ZERO);
        let cut = Cut { acknowledged, violations: vec![violation], ..cut };
        Report { cuts: vec![cut], ..Report::on("control") }
    }

    #[test]
    fn only_lost_writes_and_lost_memory_of_them_count_as_loss() {
        let amnesia = || Violation::Amnesia { node: "r1".into(), why: "the log is short".into() };
        let lost = Violation::Lost { write: "c-1".into(), place: "r1".into() };
        let down = Violation::Down { node: "the group".into(), why: "no leader".into() };
        assert!(after(9, lost).saw_loss());
        assert!(after(9, amnesia()).saw_loss());
        assert!(!after(0, amnesia()).saw_loss(), "nothing was acknowledged");
        let late = after(9, down);
        assert!(late.is_broken() && !late.saw_loss());
    }
}
