//! Runs with racks and DHCP clients, shorter than those of seeds.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use regent_check::history::line::Function;
use regent_check::verdict::Outcome;
use regent_sim::options::{Faults, RackChoice, SimOptions};
use regent_sim::plan::Plan;
use regent_sim::rack::plan::{PlannedRackFault, RackFault};
use regent_sim::run::{SimOutcome, replay};
use std::time::Duration;

/// How long racks go on.
const LENGTH_MS: u64 = 60_000;

/// A run with two racks in which this goes wrong with them, and nothing with nodes.
fn plan(seed: u64, faults: &[(u64, u64, RackFault)]) -> Plan {
    let options = SimOptions {
        length: Duration::from_secs(5),
        faults: Faults::None,
        racks: RackChoice::Exactly(2),
        ..SimOptions::default()
    };
    let mut plan = Plan::of(seed, &options);
    let racks = plan.racks.as_mut().unwrap();
    racks.length_ms = LENGTH_MS;
    let planned = |(at_ms, lasts_ms, fault): &(u64, u64, RackFault)| {
        let (at_ms, lasts_ms, fault) = (*at_ms, *lasts_ms, *fault);
        PlannedRackFault { at_ms, lasts_ms, rack: u8::from(at_ms % 2 == 1), fault }
    };
    racks.faults = faults.iter().map(planned).collect();
    plan
}

fn assert_well(outcome: &SimOutcome) {
    let lines: Vec<_> = outcome.judgement.lines().collect();
    assert_eq!(outcome.judgement.outcome, Outcome::Pass, "{lines:#?}");
}

fn renewals(outcome: &SimOutcome) -> u64 {
    let operations = &outcome.judgement.verdict.coverage.operations;
    operations.get(&Function::Renew).copied().unwrap_or_default()
}

#[test]
fn clients_keep_their_addresses_while_nothing_goes_wrong() {
    let outcome = replay(&plan(1, &[]));
    assert_well(&outcome);
    assert!(renewals(&outcome) > 10, "{}", renewals(&outcome));
}

#[test]
fn no_address_has_two_holders_whatever_befalls_racks_and_the_same_comes_of_the_same_plan() {
    let plan = plan(
        2,
        &[
            (6_000, 4_000, RackFault::Cut),
            (11_001, 2_000, RackFault::Kill),
            (15_000, 3_000, RackFault::Freeze),
            (20_001, 1_000, RackFault::Power),
            (24_000, 8_000, RackFault::ClockJump { by_ms: 3_600_000 }),
            (30_001, 15_000, RackFault::BootApart),
            (35_000, 15_000, RackFault::Split),
        ],
    );
    let outcome = replay(&plan);
    assert_well(&outcome);
    for kind in RackFault::KINDS {
        assert_eq!(outcome.judgement.verdict.coverage.faults[kind].installed, 1, "{kind}");
    }
    assert!(renewals(&outcome) > 10, "{}", renewals(&outcome));
    assert_eq!(replay(&plan).trace_hash, outcome.trace_hash);
}
