//! Seeds of the simulation. A finding prints its seed; `regent-sim --from SEED --seeds 1` has the same run again.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use regent_check::history::line::{Function, Verdict};
use regent_check::verdict::Outcome;
use regent_sim::options::{Faults, RackChoice, SimOptions};
use regent_sim::plan::Plan;
use regent_sim::run::{SimOutcome, replay, run};
use std::time::Duration;

fn seconds(length: u64) -> SimOptions {
    let racks = RackChoice::Exactly(0);
    SimOptions { length: Duration::from_secs(length), racks, ..SimOptions::default() }
}

fn assert_well(outcome: &SimOutcome) {
    let plan = serde_json::to_string(&outcome.plan).unwrap();
    let lines: Vec<_> = outcome.judgement.lines().collect();
    assert_eq!(outcome.judgement.outcome, Outcome::Pass, "{lines:#?}\nplan: {plan}");
}

fn answered(outcome: &SimOutcome, function: Function) -> usize {
    let answered = outcome.history.operations.iter().map(|told| &told.said);
    answered.filter(|op| op.function == function && op.verdict == Verdict::Ok).count()
}

#[test]
fn three_nodes_elect_write_and_read_in_virtual_time() {
    let outcome = run(1, &SimOptions { faults: Faults::None, ..seconds(8) });
    assert_well(&outcome);
    for function in [Function::Write, Function::Read, Function::Cas, Function::Add] {
        assert!(answered(&outcome, function) > 10, "{function:?}");
    }
    assert!(outcome.took >= Duration::from_secs(8));
}

#[test]
fn nothing_acknowledged_is_lost_whatever_a_seed_has_in_store() {
    for seed in 1..=3 {
        assert_well(&run(seed, &seconds(15)));
    }
}

#[test]
fn one_seed_is_one_run_and_its_plan_is_that_run_again() {
    for seed in [11, 12] {
        let first = run(seed, &seconds(6));
        assert_eq!(run(seed, &seconds(6)).trace_hash, first.trace_hash, "seed {seed}");
        let plan = serde_json::to_string(&first.plan).unwrap();
        let plan: Plan = serde_json::from_str(&plan).unwrap();
        assert_eq!(replay(&plan).trace_hash, first.trace_hash, "the plan of seed {seed}");
    }
    assert_ne!(run(11, &seconds(1)).trace_hash, run(12, &seconds(1)).trace_hash);
}
