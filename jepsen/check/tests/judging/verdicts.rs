//! When a run passes, fails, or says nothing; what must have happened in it; and how long clients waited.

use crate::notation::history;
use regent_check::availability::{FaultWaits, Service, Waits};
use regent_check::coverage::{Demand, Shortfall};
use regent_check::finding::Violation;
use regent_check::history::line::Function;
use regent_check::history::reader::History;
use regent_check::verdict::{Outcome, Verdict, judge};
use std::collections::BTreeMap;

const GOOD: &str = "
    1  0-10  write x 1     ok
    1 20-30  read  x -> 1  ok
";
const BAD: &str = "
    1  0-10  write x 1     ok
    1 20-30  read  x -> 2  ok
";

fn verdict(lines: &str) -> Verdict {
    judge(&history(lines), &Demand::default())
}

#[test]
fn good_history_passes() {
    assert_eq!(verdict(GOOD).outcome, Outcome::Pass);
}

#[test]
fn history_without_its_end_never_passes() {
    let cut_short = History { complete: false, ..history(GOOD) };
    assert_eq!(judge(&cut_short, &Demand::default()).outcome, Outcome::Unknown);
    let cut_short = History { complete: false, ..history(BAD) };
    assert_eq!(judge(&cut_short, &Demand::default()).outcome, Outcome::Fail);
}

#[test]
fn history_in_which_nothing_happened_never_passes() {
    assert_eq!(verdict("").outcome, Outcome::Unknown);
    assert_eq!(verdict("1 0-10 write x 1 fail").outcome, Outcome::Unknown);
}

#[test]
fn what_cannot_be_judged_never_passes() {
    for misshapen in [
        "1 0-10 read x ok",
        "1 0-10 cas x {\"old\":1} -> true ok",
        "1 0-10 cas x {\"old\":1,\"new\":2} -> 1 ok",
        "1 0-10 write x ok",
        "1 0-10 add s -> null ok",
        "1 0-10 read_set s -> {} ok",
        "1 0-10 apply c 5 ok",
        "1 0-10 read_ctr c -> \"1\" ok",
        "1 0-10 alloc p {\"client\":\"a\"} -> {} ok",
        "1 0-10 release p {\"client\":\"a\"} ok",
        "1 0-10 usage p -> {\"total\":1} ok",
        "1 0-10 watch p {\"from\":1} -> {\"to\":3} ok",
        "1 0-10 watch p {\"from\":1} -> {\"to\":3,\"events\":[[2,\"p\"]]} ok",
        "1 0-10 dns n -> {\"serial\":1,\"answer\":[]} ok",
        "1 0-10 digest - -> \"a\" ok rev=1",
    ] {
        let verdict = verdict(misshapen);
        assert_eq!(verdict.outcome, Outcome::Unknown, "{misshapen}");
        assert!(verdict.doubts_told[0].starts_with("line 2 "), "{:?}", verdict.doubts_told);
    }
}

#[test]
fn idempotency_key_of_a_different_request_is_the_harness_mistake() {
    let verdict = verdict(
        "1 0-10 write x 1 ok rid=a
         2 0-10 write x 2 ok rid=a",
    );
    assert_eq!(verdict.outcome, Outcome::Unknown);
}

#[test]
fn set_that_nobody_read_in_the_end_says_nothing() {
    assert_eq!(verdict("1 0-10 add s 1 ok").outcome, Outcome::Unknown);
}

#[test]
fn what_was_demanded_and_did_not_happen_is_told() {
    let demand = Demand {
        operations: BTreeMap::from([(Function::Write, 2), (Function::Read, 1)]),
        faults: BTreeMap::from([("kill".to_owned(), 2), ("power-loss".to_owned(), 1)]),
        leader_changes: 2,
        snapshot_installs: 1,
    };
    let lines = format!(
        "{GOOD}
         fault kill r1 5-6 installed
         fault kill r2 5-6 skipped
         fault kill r3 5-6 indeterminate
         fault power-loss r3 5-? installed
         leader r1 1 0
         leader r1 1 5
         leader r2 2 9"
    );
    let verdict = judge(&history(&lines), &demand);
    let short = |of: &str, demanded, found| Shortfall { of: of.to_owned(), demanded, found };
    let expected = [
        short("operation write", 2, 1),
        short("fault kill", 2, 1),
        short("leader changes", 2, 1),
        short("snapshot installs", 1, 0),
    ];
    assert_eq!((verdict.shortfalls.as_slice(), verdict.outcome), (&expected[..], Outcome::Unknown));
    let enough = format!(
        "{lines}
         2 40-50 write x 2 ok
         fault kill r3 7-8 installed
         leader r1 3 20
         snapshot r3 2 25"
    );
    assert_eq!(judge(&history(&enough), &demand).outcome, Outcome::Pass);
}

#[test]
fn broken_promise_outweighs_everything_that_is_missing() {
    let demand = Demand { leader_changes: 9, ..Demand::default() };
    let verdict = judge(&history(BAD), &demand);
    assert_eq!((verdict.outcome, verdict.shortfalls.len()), (Outcome::Fail, 1));
    assert_eq!(verdict.violations, BTreeMap::from([(Violation::Linearizable, 1)]));
}

#[test]
fn waits_are_told_for_the_run_and_for_each_kind_of_fault() {
    let verdict = verdict(
        "1   0-10  write x 1 ok
         1  20-30  write x 2 ok
         2  35-40  write x 3 fail
         1  40-90  write x 4 ok
         1  91-95  write x 5 ok
         3  96-?   write x 6 unknown
         1 145-150 write x 7 ok
         1 151-155 write x 8 ok
         1 160-?   write x 9 unknown
         4   5-6   dns n -> {\"zone\":\"z\",\"serial\":1,\"answer\":[]} ok
         fault kill r1   35-50 installed
         fault kill r1   97-99 installed
         fault kill r2 152-153 installed
         fault kill r3 152-153 installed
         fault kill r2   60-61 skipped
         fault pause r1  12-13 installed",
    );
    let ms = |milliseconds: u64| milliseconds * 1_000_000;
    let waits = |faults, median, worst, each: &[u64]| FaultWaits {
        faults,
        median_ns: ms(median),
        worst_ns: ms(worst),
        each_ns: each.iter().copied().map(ms).collect(),
    };
    let by_fault = BTreeMap::from([
        ("kill".to_owned(), waits(3, 55, 60, &[5, 55, 60])),
        ("pause".to_owned(), waits(1, 20, 20, &[20])),
    ]);
    let writes = Waits { answers: 6, longest_ns: ms(60), by_fault };
    assert_eq!(verdict.availability[&Service::Writes], writes);
    assert_eq!(verdict.availability[&Service::Dns].longest_ns, ms(1));
    assert!(!verdict.availability.contains_key(&Service::Addresses));
}

#[test]
fn verdict_is_json_with_the_names_of_the_format() {
    let verdict = serde_json::to_value(verdict(BAD)).unwrap();
    assert_eq!(verdict["outcome"], "fail");
    assert_eq!(verdict["violations"]["linearizable"], 1);
    assert_eq!(verdict["findings"][0]["violation"], "linearizable");
    assert_eq!(verdict["findings"][0]["lines"][0], 3);
    assert_eq!(verdict["coverage"]["operations"]["read"], 1);
    assert_eq!(verdict["availability"]["writes"]["answers"], 1);
}

#[test]
fn demand_is_read_as_json() {
    let demand: Demand = serde_json::from_str(r#"{"operations":{"read_set":3}}"#).unwrap();
    assert_eq!(demand.operations, BTreeMap::from([(Function::ReadSet, 3)]));
    assert!(serde_json::from_str::<Demand>(r#"{"operation":{}}"#).is_err());
}

#[test]
fn lease_and_address_for_good_are_waited_for_apart() {
    let verdict = verdict(
        "1  0-10 alloc a -> {\"addr\":\"x\"} ok
         2 20-30 alloc a -> {\"addr\":\"y\",\"ttl_ms\":900} ok
         2 70-90 renew a -> {\"addr\":\"y\",\"ttl_ms\":900} ok
         1 95-99 alloc a fail",
    );
    let longest = |service| verdict.availability[&service].longest_ns / 1_000_000;
    assert_eq!([longest(Service::Addresses), longest(Service::Leases)], [85, 60]);
}
