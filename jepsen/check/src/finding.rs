//! What judges say: which promise was broken, where the history shows it, and what they could not decide.
//!
//! Bounded: of each violation some are told and all are counted.

use crate::history::reader::LineNumber;
use serde::Serialize;
use std::collections::BTreeMap;

/// Findings told of one violation; more are only counted.
pub const TOLD_OF_EACH_MAX: u64 = 20;
/// Doubts told; more are only counted.
pub const DOUBTS_TOLD_MAX: u64 = 50;
/// Lines told of one finding.
pub const LINES_TOLD_MAX: usize = 12;

/// A broken promise, by the name that the format gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Violation {
    /// No order of the operations on a register explains all answers.
    Linearizable,
    /// Two writes have one revision.
    RevisionUnique,
    /// What was asked after an answer does not come after it in revisions.
    RevisionRealtime,
    /// A read does not show what the store held at the revision it tells.
    ReadAtRevision,
    /// Two writes of one client are in the wrong order.
    MonotonicWrites,
    /// A client saw the store go back.
    MonotonicReads,
    /// A client did not see its own write, or less than it asked for.
    ReadYourWrites,
    /// A client saw a node go back.
    NodeBackwards,
    /// Two clients held one address.
    OneHolder,
    /// An element that was acknowledged is missing.
    AckedLost,
    /// An element is there that nobody asked for.
    Phantom,
    /// An element is there twice.
    DuplicateElement,
    /// What a register holds in the end is not what was last written.
    FinalRegister,
    /// An acknowledged request is not in the committed log.
    AckedNotInLog,
    /// An acknowledged request was applied at another revision than was told.
    WrongRevision,
    /// A refused request had an effect.
    RefusedButApplied,
    /// One request was applied more than once.
    AppliedTwice,
    /// A retry was answered differently than the first attempt.
    RetryAnswerDiffers,
    /// A counter is lower than what was acknowledged.
    CounterLost,
    /// A counter is higher than everything that was asked for.
    CounterTwice,
    /// Used and free addresses do not add up to all.
    UsageSum,
    /// The number of used addresses is not that of those listed.
    UsageCount,
    /// A used address is listed twice.
    UsageDuplicate,
    /// A watch told changes out of order.
    WatchOrder,
    /// A watch left out a change.
    WatchGap,
    /// A watch told one change twice.
    WatchDuplicate,
    /// A watch told of a key that it was not asked about.
    WatchFilter,
    /// A watch told again what came before its start, or ended before it.
    WatchResume,
    /// A watch told another value than was written.
    WatchValue,
    /// The serial of a zone went back on a node.
    DnsSerial,
    /// One serial of a zone stood for different contents.
    DnsContent,
    /// Two states at one revision differ.
    Divergence,
    /// The nodes differ in the end.
    NoConvergence,
}

impl Violation {
    /// All of them.
    pub const ALL: [Self; 33] = [
        Self::Linearizable,
        Self::RevisionUnique,
        Self::RevisionRealtime,
        Self::ReadAtRevision,
        Self::MonotonicWrites,
        Self::MonotonicReads,
        Self::ReadYourWrites,
        Self::NodeBackwards,
        Self::OneHolder,
        Self::AckedLost,
        Self::Phantom,
        Self::DuplicateElement,
        Self::FinalRegister,
        Self::AckedNotInLog,
        Self::WrongRevision,
        Self::RefusedButApplied,
        Self::AppliedTwice,
        Self::RetryAnswerDiffers,
        Self::CounterLost,
        Self::CounterTwice,
        Self::UsageSum,
        Self::UsageCount,
        Self::UsageDuplicate,
        Self::WatchOrder,
        Self::WatchGap,
        Self::WatchDuplicate,
        Self::WatchFilter,
        Self::WatchResume,
        Self::WatchValue,
        Self::DnsSerial,
        Self::DnsContent,
        Self::Divergence,
        Self::NoConvergence,
    ];
}

/// One broken promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which.
    pub violation: Violation,
    /// The lines of the history that show it.
    pub lines: Vec<LineNumber>,
    /// What happened, for people.
    pub why: String,
}

/// What a judge found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    told: Vec<Finding>,
    counts: BTreeMap<Violation, u64>,
    doubts_told: Vec<String>,
    doubts: u64,
}

impl Findings {
    /// Notes a broken promise.
    pub fn violated(
        &mut self,
        violation: Violation,
        lines: impl IntoIterator<Item = LineNumber>,
        why: String,
    ) {
        let lines = lines.into_iter().take(LINES_TOLD_MAX).collect();
        self.add(Finding { violation, lines, why });
    }

    /// Notes why something could not be decided.
    pub fn doubt(&mut self, why: String) {
        if self.doubts < DOUBTS_TOLD_MAX {
            self.doubts_told.push(why);
        }
        self.doubts += 1;
    }

    /// Notes that a line is not of the shape that its kind has.
    pub fn misshapen(&mut self, line: LineNumber, expected: &str) {
        self.doubt(format!("{line} cannot be judged: it has no {expected}"));
    }

    /// Takes over what another judge found.
    pub fn merge(&mut self, other: Self) {
        let untold = other.untold();
        other.told.into_iter().for_each(|finding| self.add(finding));
        for (violation, number) in untold {
            *self.counts.entry(violation).or_default() += number;
        }
        let untold = other.doubts - other.doubts_told.len() as u64;
        other.doubts_told.into_iter().for_each(|doubt| self.doubt(doubt));
        self.doubts += untold;
    }

    /// The findings that are told.
    #[must_use]
    pub fn told(&self) -> &[Finding] {
        &self.told
    }

    /// How often each promise was broken.
    #[must_use]
    pub const fn counts(&self) -> &BTreeMap<Violation, u64> {
        &self.counts
    }

    /// What could not be decided, as far as it is told.
    #[must_use]
    pub fn doubts_told(&self) -> &[String] {
        &self.doubts_told
    }

    /// How much could not be decided.
    #[must_use]
    pub const fn doubts(&self) -> u64 {
        self.doubts
    }

    fn add(&mut self, finding: Finding) {
        let count = self.counts.entry(finding.violation).or_default();
        if *count < TOLD_OF_EACH_MAX {
            self.told.push(finding);
        }
        *count += 1;
    }

    fn untold(&self) -> Vec<(Violation, u64)> {
        let told = |violation: Violation| {
            self.told.iter().filter(|finding| finding.violation == violation).count() as u64
        };
        let counts = self.counts.iter();
        counts.map(|(violation, count)| (*violation, count - told(*violation))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{DOUBTS_TOLD_MAX, Findings, TOLD_OF_EACH_MAX, Violation};
    use crate::history::reader::LineNumber;
    use std::collections::BTreeMap;

    fn many(number: u64) -> Findings {
        let mut findings = Findings::default();
        for line in 1..=number {
            findings.violated(Violation::Phantom, [LineNumber(line)], "boo".to_owned());
            findings.doubt("who knows".to_owned());
        }
        findings
    }

    #[test]
    fn what_is_not_told_is_counted() {
        let findings = many(1_000);
        assert_eq!(findings.told().len() as u64, TOLD_OF_EACH_MAX);
        assert_eq!(findings.doubts_told().len() as u64, DOUBTS_TOLD_MAX);
        assert_eq!(findings.counts(), &BTreeMap::from([(Violation::Phantom, 1_000)]));
        assert_eq!(findings.doubts(), 1_000);
    }

    #[test]
    fn merging_loses_no_count() {
        let mut findings = Findings::default();
        findings.merge(many(1_000));
        findings.merge(many(30));
        findings.merge(many(100));
        assert_eq!(findings.told().len() as u64, TOLD_OF_EACH_MAX);
        assert_eq!(findings.counts(), &BTreeMap::from([(Violation::Phantom, 1_130)]));
        assert_eq!(findings.doubts(), 1_130);
        assert_eq!(findings.doubts_told().len() as u64, DOUBTS_TOLD_MAX);
    }
}
