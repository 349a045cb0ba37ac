//! A plan that fails, with as few of its faults as still make it fail. The dice of all other parts stay as they were.

use crate::judge::{Judgement, named};
use crate::plan::Plan;
use crate::report::INVARIANT;
use crate::runs::run_all;
use regent_core::planted::Planted;
use regent_report::shrink::{Shrunk, is_same_failure, shrink};
use std::collections::BTreeSet;
use std::io;
use std::num::NonZero;
use std::ops::ControlFlow;

/// A plan that was made smaller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smaller {
    /// The smallest plan that was seen to fail.
    pub plan: Plan,
    /// How the whole plan fails: names of properties.
    pub properties: BTreeSet<String>,
    /// Runs it took, without the one of the whole plan.
    pub tries: usize,
    /// Whether none of its faults can be left out.
    pub is_minimal: bool,
}

/// Makes a plan smaller; `None` if it does not fail.
///
/// # Errors
/// The system has no thread to give.
pub fn smaller(
    plan: &Plan,
    planted: Option<Planted>,
    tries_max: usize,
) -> io::Result<Option<Smaller>> {
    let properties = violated(plan.clone(), planted)?;
    if properties.is_empty() {
        return Ok(None);
    }
    let with = |faults: &[_]| Plan { faults: faults.to_vec(), ..plan.clone() };
    let Shrunk { faults, tries, is_minimal } = shrink(&plan.faults, tries_max, |faults| {
        violated(with(faults), planted).map(|again| is_same_failure(&properties, &again))
    })?;
    Ok(Some(Smaller { plan: with(&faults), properties, tries, is_minimal }))
}

/// The properties that the run of a plan violates.
fn violated(plan: Plan, planted: Option<Planted>) -> io::Result<BTreeSet<String>> {
    let mut violated = BTreeSet::new();
    // On a thread of its own, whose stack is large enough.
    run_all(std::iter::once(plan), NonZero::<usize>::MIN, planted, |ran| {
        violated = properties(&ran.outcome.judgement);
        ControlFlow::Break(())
    })?;
    Ok(violated)
}

fn properties(judgement: &Judgement) -> BTreeSet<String> {
    let beside = (!judgement.findings.is_empty()).then(|| INVARIANT.to_owned());
    judgement.verdict.violations.keys().map(named).chain(beside).collect()
}

#[cfg(test)]
mod tests {
    use super::smaller;
    use crate::options::{RackChoice, SimOptions};
    use crate::plan::Plan;
    use std::time::Duration;

    #[test]
    fn plan_that_does_not_fail_is_not_made_smaller() {
        let (length, racks) = (Duration::from_secs(4), RackChoice::Exactly(0));
        let options = SimOptions { length, racks, ..SimOptions::default() };
        assert_eq!(smaller(&Plan::of(1, &options), None, 5).unwrap(), None);
    }
}
