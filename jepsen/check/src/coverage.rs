//! What a run must have been through before its silence means anything.
//!
//! Counts what really happened: operations that were answered, faults that were installed.

use crate::history::line::{FaultOutcome, Function, Note};
use crate::history::reader::History;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What is demanded of a run. What is not named is not demanded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Demand {
    /// Answered operations of each kind.
    pub operations: BTreeMap<Function, u64>,
    /// Installed faults of each kind, power losses among them.
    pub faults: BTreeMap<String, u64>,
    /// Changes of the leader.
    pub leader_changes: u64,
    /// Snapshots that a node installed from another one.
    pub snapshot_installs: u64,
}

/// What a run has been through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Answered operations of each kind.
    pub operations: BTreeMap<Function, u64>,
    /// What became of the faults of each kind.
    pub faults: BTreeMap<String, FaultCount>,
    /// Terms in which somebody was seen to lead, but for the first.
    pub leader_changes: u64,
    /// Snapshots that a node installed from another one.
    pub snapshot_installs: u64,
}

/// What became of the faults of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FaultCount {
    /// They were done.
    pub installed: u64,
    /// They were not.
    pub skipped: u64,
    /// Nobody can say.
    pub indeterminate: u64,
}

/// What a run lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shortfall {
    /// Of what.
    pub of: String,
    /// How much was demanded.
    pub demanded: u64,
    /// How much there was.
    pub found: u64,
}

impl Coverage {
    /// Counts what a history tells.
    #[must_use]
    pub fn of(history: &History) -> Self {
        let mut coverage = Self::default();
        for told in &history.operations {
            if told.said.is_ok() {
                *coverage.operations.entry(told.said.function).or_default() += 1;
            }
        }
        let mut terms = BTreeSet::new();
        for told in &history.notes {
            match &told.said {
                Note::Fault { kind, outcome, .. } => {
                    coverage.faults.entry(kind.clone()).or_default().add(*outcome);
                }
                Note::Leader { term, .. } => terms.extend([*term]),
                Note::Snapshot { .. } => coverage.snapshot_installs += 1,
                Note::Log { .. } | Note::End => {}
            }
        }
        coverage.leader_changes = (terms.len() as u64).saturating_sub(1);
        coverage
    }

    /// Adds what another run has been through. Terms of different runs are different ones.
    pub fn add(&mut self, other: &Self) {
        for (function, answered) in &other.operations {
            *self.operations.entry(*function).or_default() += answered;
        }
        for (kind, FaultCount { installed, skipped, indeterminate }) in &other.faults {
            let count = self.faults.entry(kind.clone()).or_default();
            count.installed += installed;
            count.skipped += skipped;
            count.indeterminate += indeterminate;
        }
        self.leader_changes += other.leader_changes;
        self.snapshot_installs += other.snapshot_installs;
    }

    /// What is missing of what was demanded. Without any answered operation something always is.
    #[must_use]
    pub fn shortfalls(&self, demand: &Demand) -> Vec<Shortfall> {
        let operations = demand.operations.iter().map(|(function, demanded)| {
            let found = self.operations.get(function).copied().unwrap_or_default();
            (format!("operation {}", name(*function)), *demanded, found)
        });
        let faults = demand.faults.iter().map(|(kind, demanded)| {
            let found = self.faults.get(kind).map_or(0, |count| count.installed);
            (format!("fault {kind}"), *demanded, found)
        });
        let rest = [
            ("any operation".to_owned(), 1, self.operations.values().sum()),
            ("leader changes".to_owned(), demand.leader_changes, self.leader_changes),
            ("snapshot installs".to_owned(), demand.snapshot_installs, self.snapshot_installs),
        ];
        let all = operations.chain(faults).chain(rest);
        let short = all.filter(|(_, demanded, found)| found < demanded);
        short.map(|(of, demanded, found)| Shortfall { of, demanded, found }).collect()
    }
}

/// As the format calls it.
fn name(function: Function) -> String {
    let name = serde_json::to_value(function).expect("a name is JSON");
    name.as_str().expect("a name is text").to_owned()
}

impl FaultCount {
    const fn add(&mut self, outcome: FaultOutcome) {
        match outcome {
            FaultOutcome::Installed => self.installed += 1,
            FaultOutcome::Skipped => self.skipped += 1,
            FaultOutcome::Indeterminate => self.indeterminate += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Coverage, Demand, FaultCount};
    use crate::history::line::Function;
    use std::collections::BTreeMap;

    #[test]
    fn what_one_run_has_not_been_through_another_may_have() {
        let cut = FaultCount { installed: 1, skipped: 2, indeterminate: 0 };
        let calm = Coverage {
            operations: BTreeMap::from([(Function::Add, 3)]),
            leader_changes: 1,
            ..Coverage::default()
        };
        let rough = Coverage { faults: BTreeMap::from([("cut".into(), cut)]), ..calm.clone() };
        let demand = Demand {
            operations: BTreeMap::from([(Function::Add, 6)]),
            faults: BTreeMap::from([("cut".into(), 1)]),
            leader_changes: 2,
            ..Demand::default()
        };
        assert_eq!(rough.shortfalls(&demand).len(), 2);
        let mut both = calm;
        both.add(&rough);
        assert_eq!(both.shortfalls(&demand), []);
        assert_eq!(both.faults["cut"], cut);
    }
}
