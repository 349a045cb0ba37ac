//! Plans that are kept: each leads to a place that seeds rarely come to. They stand in `plans`.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use regent_check::verdict::Outcome;
use regent_sim::plan::Plan;
use regent_sim::run::replay;
use std::fs;
use std::path::Path;

/// Replays a plan, which must pass, and in which each of these faults must have struck so often.
fn assert_well(name: &str, struck: &[(&str, u64)]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans");
    let plan = fs::read(folder.join(format!("{name}.json"))).unwrap();
    let plan: Plan = serde_json::from_slice(&plan).unwrap();
    let judgement = replay(&plan).judgement;
    let lines: Vec<_> = judgement.lines().collect();
    assert_eq!(judgement.outcome, Outcome::Pass, "{lines:#?}");
    let faults = &judgement.verdict.coverage.faults;
    for (kind, times) in struck {
        let installed = faults.get(*kind).map_or(0, |count| count.installed);
        assert!(installed >= *times, "{kind} struck {installed} times: {faults:?}");
    }
}

#[test]
fn voter_that_restarts_just_behind_its_answer_gives_no_second_vote() {
    assert_well("voter-restarts-behind-its-vote", &[("cut", 4), ("cut_short", 4)]);
}

#[test]
fn node_killed_while_it_is_promoted_comes_to_vote_or_goes() {
    assert_well("newcomer-killed-while-promoted", &[("kill", 2), ("replace", 2)]);
}

#[test]
fn leader_killed_between_the_halves_of_a_change_of_the_group_leaves_a_group() {
    assert_well("leader-killed-amid-joint-change", &[("cut_short", 2), ("replace", 2)]);
}
