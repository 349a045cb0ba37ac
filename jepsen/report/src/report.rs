//! What is to be said of a run, as `verdict.json` has it: read by people and by the tables over many runs.
//!
//! Names of properties, operations and faults are plain words here, so that a table can be made of runs of older harnesses.

use crate::about::About;
use crate::strikes;
use regent_check::availability::{Availability, FaultWaits, measure_at};
use regent_check::coverage::{Demand, FaultCount};
use regent_check::finding::Finding;
use regent_check::history::reader::History;
use regent_check::verdict::{Outcome, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is to be said of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The one word.
    pub verdict: Word,
    /// What run it was.
    pub run: About,
    /// How often each property was violated.
    pub violations: BTreeMap<String, u64>,
    /// Some of those cases.
    pub findings: Vec<Case>,
    /// How much could not be decided.
    pub doubts: u64,
    /// Some of that.
    pub doubts_told: Vec<String>,
    /// What was demanded, and what there was.
    pub coverage: Vec<Reached>,
    /// What became of faults, by kind.
    pub faults: BTreeMap<String, Done>,
    /// How long clients waited, by service.
    pub availability: BTreeMap<String, Waited>,
}

/// The one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Word {
    /// No promise was broken, as far as such a run can show.
    Pass,
    /// A promise was broken.
    Fail,
    /// Neither can be said.
    Unknown,
}

/// One violation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Of which property.
    pub property: String,
    /// What happened, for people.
    pub sentence: String,
    /// The lines of the history that show it. None where it was seen beside the history: on disks, in nodes' own words.
    pub lines: Vec<u64>,
}

/// What was demanded of something, and what there was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// Of what.
    pub of: String,
    /// How much was demanded; nought if it was only counted.
    pub demanded: u64,
    /// How much there was.
    pub reached: u64,
}

/// What became of the faults of one kind; one for each node they met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// They were done.
    pub installed: u64,
    /// They were not.
    pub skipped: u64,
    /// Nobody can say.
    pub indeterminate: u64,
}

/// How long a service was waited for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waited {
    /// Good answers.
    pub answers: u64,
    /// The longest wait of the run.
    pub longest_ns: u64,
    /// By kind of fault and whom it met.
    pub by_fault: BTreeMap<String, WaitedAt>,
}

/// How long a service was waited for at the faults of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitedAt {
    /// The middle one of the longest waits; of an even number the longer one.
    pub median_ns: u64,
    /// The longest of them.
    pub worst_ns: u64,
    /// The longest wait at each fault, in order of length.
    pub each_ns: Vec<u64>,
}

impl Report {
    /// Puts it together: what judges found in the history, and what was seen beside it.
    #[must_use]
    pub fn of(
        run: About,
        history: &History,
        verdict: &Verdict,
        demand: &Demand,
        beside: Vec<Case>,
    ) -> Self {
        let counted = verdict.violations.iter();
        let mut violations: BTreeMap<_, _> =
            counted.map(|(violation, count)| (word(violation), *count)).collect();
        for case in &beside {
            *violations.entry(case.property.clone()).or_default() += 1;
        }
        let outcome = if beside.is_empty() { verdict.outcome } else { Outcome::Fail };
        let availability = measure_at(history, &strikes::spans(history));
        Self {
            verdict: Word::of(outcome),
            run,
            violations,
            findings: verdict.findings.iter().map(Case::of).chain(beside).collect(),
            doubts: verdict.doubts,
            doubts_told: verdict.doubts_told.clone(),
            coverage: coverage(verdict, demand),
            faults: faults(&verdict.coverage.faults),
            availability: waited(&availability),
        }
    }

    /// The properties that were violated.
    #[must_use]
    pub fn properties(&self) -> BTreeSet<String> {
        self.violations.keys().cloned().collect()
    }

    /// How much there was of something that coverage tells of.
    #[must_use]
    pub fn reached(&self, of: &str) -> u64 {
        self.coverage.iter().find(|row| row.of == of).map_or(0, |row| row.reached)
    }
}

impl Word {
    /// As it is said.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// The word of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Pass, Self::Fail, Self::Unknown].into_iter().find(|word| word.name() == name)
    }

    const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Pass => Self::Pass,
            Outcome::Fail => Self::Fail,
            Outcome::Unknown => Self::Unknown,
        }
    }
}

impl Case {
    fn of(finding: &Finding) -> Self {
        let property = word(&finding.violation);
        let lines = finding.lines.iter().map(|line| line.0).collect();
        Self { property, sentence: finding.why.clone(), lines }
    }
}

/// A row for everything that was demanded or counted.
fn coverage(verdict: &Verdict, demand: &Demand) -> Vec<Reached> {
    let found = &verdict.coverage;
    let mut rows: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (function, demanded) in &demand.operations {
        rows.entry(format!("operation {}", word(function))).or_default().0 = *demanded;
    }
    for (function, reached) in &found.operations {
        rows.entry(format!("operation {}", word(function))).or_default().1 = *reached;
    }
    for (kind, demanded) in &demand.faults {
        rows.entry(format!("fault {kind}")).or_default().0 = *demanded;
    }
    for (kind, count) in &found.faults {
        rows.entry(format!("fault {kind}")).or_default().1 = count.installed;
    }
    let whole = [
        (LEADER_CHANGES, (demand.leader_changes, found.leader_changes)),
        (SNAPSHOT_INSTALLS, (demand.snapshot_installs, found.snapshot_installs)),
    ];
    let whole = whole.map(|(of, row)| (of.to_owned(), row));
    let rows = rows.into_iter().chain(whole);
    rows.map(|(of, (demanded, reached))| Reached { of, demanded, reached }).collect()
}

/// The row of coverage that counts changes of the leader.
pub const LEADER_CHANGES: &str = "leader changes";
/// The row of coverage that counts installed snapshots.
pub const SNAPSHOT_INSTALLS: &str = "snapshot installs";

fn faults(counts: &BTreeMap<String, FaultCount>) -> BTreeMap<String, Done> {
    let done = |count: &FaultCount| Done {
        installed: count.installed,
        skipped: count.skipped,
        indeterminate: count.indeterminate,
    };
    counts.iter().map(|(kind, count)| (kind.clone(), done(count))).collect()
}

fn waited(availability: &Availability) -> BTreeMap<String, Waited> {
    let at = |waits: &FaultWaits| WaitedAt {
        median_ns: waits.median_ns,
        worst_ns: waits.worst_ns,
        each_ns: waits.each_ns.clone(),
    };
    let of_service = availability.iter().map(|(service, waits)| {
        let by_fault = waits.by_fault.iter().map(|(kind, waits)| (kind.clone(), at(waits)));
        let (answers, longest_ns) = (waits.answers, waits.longest_ns);
        (word(service), Waited { answers, longest_ns, by_fault: by_fault.collect() })
    });
    of_service.collect()
}

/// A name as the format has it.
pub(crate) fn word(name: &impl Serialize) -> String {
    let name = serde_json::to_value(name).expect("a name is JSON");
    name.as_str().expect("a name is text").to_owned()
}

/// A run that passed, for tests.
#[cfg(test)]
pub(crate) fn sample() -> Report {
    use crate::about::Tier;
    use crate::source::Source;
    let run = About {
        tier: Tier::Netns,
        seed: 7,
        nodes: 3,
        source: Source { commit: "abc".to_owned(), product: "def".to_owned() },
        started: "2026-11-22T22:51:39Z".to_owned(),
        wall_ms: 90_000,
        virtual_ms: None,
    };
    Report {
        verdict: Word::Pass,
        run,
        violations: BTreeMap::new(),
        findings: Vec::new(),
        doubts: 0,
        doubts_told: Vec::new(),
        coverage: Vec::new(),
        faults: BTreeMap::new(),
        availability: BTreeMap::new(),
    }
}
