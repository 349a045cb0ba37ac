//! Many runs as one: how they ended, what they have been through together, and whether that is enough for their silence
//! to mean anything. A single seed need not reach everything.

use crate::fault::Fault;
use crate::judge::named;
use crate::options::Faults;
use crate::rack::plan::RackFault;
use crate::run::SimOutcome;
use crate::workload::choose::FUNCTIONS;
use regent_check::coverage::{Coverage, Demand, FaultCount};
use regent_check::history::line::Function;
use regent_check::verdict::Outcome;
use std::fmt;
use std::time::Duration;

/// Fewer runs than these are asked for nothing: somebody looks at a seed.
pub const SEEDS_MIN: u64 = 10;
/// Answered operations of each kind that a run has on average, at least.
const OPERATIONS_EACH_MIN: u64 = 5;
/// Fewer runs with racks are asked for nothing of theirs.
const RACK_RUNS_MIN: u64 = 5;
/// Addresses that DHCP clients kept for longer, which each run with racks has on average, at least.
const RENEWALS_EACH_MIN: u64 = 100;
/// Changes of leader in all of them.
const LEADER_CHANGES_MIN: u64 = 2;

/// Runs together.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Runs in which no promise was broken.
    pub passed: u64,
    /// Runs in which one was.
    pub failed: u64,
    /// Runs of which neither can be said.
    pub unknown: u64,
    /// Runs, of all these, that had racks.
    pub with_racks: u64,
    /// What they have been through.
    pub coverage: Coverage,
    /// Virtual time.
    pub took: Duration,
}

/// What so many runs, of which so many had racks, have to reach together.
#[must_use]
pub fn demand(runs: u64, with_racks: u64, faults: Faults) -> Demand {
    if runs < SEEDS_MIN {
        return Demand::default();
    }
    let with_racks = (with_racks >= RACK_RUNS_MIN).then_some(with_racks);
    let renewals = with_racks.map(|runs| (Function::Renew, runs * RENEWALS_EACH_MIN));
    let operations = FUNCTIONS.into_iter().map(|function| (function, runs * OPERATIONS_EACH_MIN));
    let operations = operations.chain(renewals).collect();
    let of_racks = with_racks.map(|_| RackFault::KINDS).into_iter().flatten();
    match faults {
        Faults::None => Demand { operations, ..Demand::default() },
        Faults::Planned => Demand {
            operations,
            faults: Fault::KINDS.into_iter().chain(of_racks).map(|kind| (kind.into(), 1)).collect(),
            leader_changes: LEADER_CHANGES_MIN,
            snapshot_installs: 1,
        },
    }
}

impl Batch {
    /// Adds a run.
    pub fn add(&mut self, run: &SimOutcome) {
        match run.judgement.outcome {
            Outcome::Pass => self.passed += 1,
            Outcome::Fail => self.failed += 1,
            Outcome::Unknown => self.unknown += 1,
        }
        self.with_racks += u64::from(run.plan.racks.is_some());
        self.coverage.add(&run.judgement.verdict.coverage);
        self.took += run.took;
    }

    /// All runs.
    #[must_use]
    pub const fn runs(&self) -> u64 {
        self.passed + self.failed + self.unknown
    }

    /// What is to be said of all of them.
    #[must_use]
    pub fn outcome(&self, demand: &Demand) -> Outcome {
        if self.failed > 0 {
            Outcome::Fail
        } else if self.unknown > 0 || !self.coverage.shortfalls(demand).is_empty() {
            Outcome::Unknown
        } else {
            Outcome::Pass
        }
    }

    /// The table of what was demanded and reached.
    #[must_use]
    pub const fn table<'a>(&'a self, demand: &'a Demand) -> Table<'a> {
        Table { batch: self, demand }
    }
}

/// What was demanded of runs and what they have reached, a row each.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    batch: &'a Batch,
    demand: &'a Demand,
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (demand, reached) = (self.demand, &self.batch.coverage);
        writeln!(f, "{:<28}{:>10}{:>12}", "", "demanded", "reached")?;
        for (function, count) in &reached.operations {
            let demanded = demand.operations.get(function).copied().unwrap_or_default();
            row(f, &format!("operation {}", named(function)), demanded, *count, "")?;
        }
        for (kind, FaultCount { installed, skipped, indeterminate }) in &reached.faults {
            let demanded = demand.faults.get(kind).copied().unwrap_or_default();
            let rest = match (skipped, indeterminate) {
                (0, 0) => String::new(),
                _ => format!("  ({skipped} skipped, {indeterminate} indeterminate)"),
            };
            row(f, &format!("fault {kind}"), demanded, *installed, &rest)?;
        }
        row(f, "leader changes", demand.leader_changes, reached.leader_changes, "")?;
        row(f, "snapshot installs", demand.snapshot_installs, reached.snapshot_installs, "")?;
        for short in reached.shortfalls(demand) {
            writeln!(f, "too little: {} of {} {}", short.found, short.demanded, short.of)?;
        }
        Ok(())
    }
}

fn row(
    f: &mut fmt::Formatter<'_>,
    of: &str,
    demanded: u64,
    reached: u64,
    rest: &str,
) -> fmt::Result {
    writeln!(f, "{of:<28}{demanded:>10}{reached:>12}{rest}")
}

#[cfg(test)]
mod tests {
    use super::{Batch, RACK_RUNS_MIN, SEEDS_MIN, demand};
    use crate::options::Faults;
    use regent_check::coverage::Demand;
    use regent_check::history::line::Function;
    use regent_check::verdict::Outcome;

    #[test]
    fn many_runs_that_reached_little_say_nothing_and_few_are_asked_for_nothing() {
        assert_eq!(demand(SEEDS_MIN - 1, 0, Faults::Planned), Demand::default());
        let demanded = demand(SEEDS_MIN, 0, Faults::Planned);
        let batch = Batch { passed: SEEDS_MIN, ..Batch::default() };
        assert_eq!(batch.outcome(&demanded), Outcome::Unknown);
        let table = batch.table(&demanded).to_string();
        assert!(table.contains("too little: 0 of 1 fault power"), "{table}");
    }

    #[test]
    fn racks_are_demanded_of_runs_that_had_them() {
        let without = demand(100, RACK_RUNS_MIN - 1, Faults::Planned);
        let with = demand(100, RACK_RUNS_MIN, Faults::Planned);
        let is_of_racks = |demand: &Demand| demand.faults.contains_key("rack_power");
        assert!(!is_of_racks(&without) && is_of_racks(&with));
        assert!(with.operations.contains_key(&Function::Renew));
    }

    #[test]
    fn one_failure_fails_all() {
        let batch = Batch { passed: 9, failed: 1, ..Batch::default() };
        assert_eq!(batch.outcome(&Demand::default()), Outcome::Fail);
    }
}
