//! What the checkers say of a run.

use crate::chaos::plan::{Kind, Plan};
use anyhow::Context as _;
use clap::ValueEnum as _;
use regent_check::coverage::Demand;
use regent_check::history::line::Function;
use regent_check::history::reader::{self, History};
use regent_check::verdict::{Outcome, Verdict, judge};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Answered operations of each kind below which a run says nothing.
const OPERATIONS_MIN: u64 = 5;
/// Findings and doubts that are told in words; all are in the file.
const TOLD_MAX: usize = 20;
/// What clients do in every run.
const FUNCTIONS: [Function; 9] = [
    Function::Read,
    Function::Write,
    Function::Cas,
    Function::Add,
    Function::Alloc,
    Function::Release,
    Function::Usage,
    Function::Watch,
    Function::Dns,
];

/// A history that was judged.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What it tells.
    pub history: History,
    /// What was demanded of it.
    pub demand: Demand,
    /// What it came to.
    pub verdict: Verdict,
}

/// Has the history in a file judged by what its plan demands.
///
/// # Errors
/// When it cannot be read: then the harness is wrong.
pub fn of(history: &Path, plan: &Plan) -> anyhow::Result<Judged> {
    let file = BufReader::new(File::open(history)?);
    let history = reader::read(file).with_context(|| history.display().to_string())?;
    let demand = demand(plan);
    let verdict = judge(&history, &demand);
    Ok(Judged { history, demand, verdict })
}

fn demand(plan: &Plan) -> Demand {
    let planned = Kind::value_variants().iter().filter(|kind| plan.has(**kind));
    let renewals = plan.racks.then_some(Function::Renew);
    let functions = FUNCTIONS.into_iter().chain(renewals);
    Demand {
        operations: functions.map(|function| (function, OPERATIONS_MIN)).collect(),
        faults: planned.map(|kind| (kind.name().to_owned(), 1)).collect::<BTreeMap<_, _>>(),
        ..Demand::default()
    }
}

/// The verdict, for people.
#[must_use]
pub fn told(verdict: &Verdict) -> String {
    let word = match verdict.outcome {
        Outcome::Pass => "PASS",
        Outcome::Fail => "FAIL",
        Outcome::Unknown => "UNKNOWN",
    };
    let mut lines = Vec::new();
    for finding in verdict.findings.iter().take(TOLD_MAX) {
        lines.push(serde_json::to_string(finding).unwrap_or_default());
    }
    lines.extend(verdict.doubts_told.iter().take(TOLD_MAX).map(|doubt| format!("doubt: {doubt}")));
    let shortfalls = verdict.shortfalls.iter();
    lines.extend(
        shortfalls
            .map(|short| format!("too few: {} of {} {}", short.found, short.demanded, short.of)),
    );
    let (changes, installs) = (verdict.coverage.leader_changes, verdict.coverage.snapshot_installs);
    let doubts = verdict.doubts;
    lines.push(format!("{changes} leader changes, {installs} snapshots installed"));
    lines.push(format!("verdict: {word}, {:?}, {doubts} doubts", verdict.violations));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::demand;
    use crate::chaos::plan::Kind;
    use crate::chaos::schedule::draw;

    #[test]
    fn every_kind_of_fault_that_was_planned_is_demanded() {
        let demand = demand(&draw(1, 3, 60, &[Kind::Kill, Kind::PowerOff], false));
        let kinds: Vec<_> = demand.faults.keys().map(String::as_str).collect();
        assert_eq!(kinds, ["kill", "power-off"]);
    }
}
