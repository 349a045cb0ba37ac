//! The picture of a run: that nothing is lost in it that matters, that it is bounded, and that what a run wrote stays text.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use regent_check::coverage::Demand;
use regent_check::history::reader::{History, read};
use regent_check::verdict::judge;
use regent_report::about::{About, Tier};
use regent_report::folder::{self, TIMELINE, VERDICT};
use regent_report::report::{Case, Report, Word};
use regent_report::source::Source;
use regent_report::timeline::page::page;
use regent_report::timeline::picture::Picture;
use regent_report::timeline::ticks::{OK_MAX, OTHERS_MAX};
use serde_json::{Value, json};
use std::fs;

const SECOND: u64 = 1_000_000_000;
/// What tries to be more than text, in every place that a history has for text.
const HOSTILE: &str =
    "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>]]>\u{2028}\"'`&{{DATA}}";

fn history(lines: &[Value]) -> History {
    let mut text = "{\"format\":\"regent-history/1\",\"seed\":9}\n".to_owned();
    lines.iter().for_each(|line| text += &format!("{line}\n"));
    text += "{\"f\":\"end\"}\n";
    read(text.as_bytes()).unwrap()
}

fn write(process: u64, at: u64, outcome: &str) -> Value {
    let answered = (outcome != "unknown").then_some(at + 1_000_000);
    json!({"p": process, "f": "write", "key": format!("k{process}"), "in": at, "t0": at, "t1": answered,
           "r": outcome, "node": "r1"})
}

fn report(history: &History, beside: Vec<Case>) -> Report {
    let run = About {
        tier: Tier::Sim,
        seed: history.header.seed,
        nodes: 3,
        source: Source::unknown(),
        started: "2026-11-22T22:51:39Z".to_owned(),
        wall_ms: 1_500,
        virtual_ms: Some(60_000),
    };
    let mut demand = Demand::default();
    demand.faults.insert("kill".to_owned(), 2);
    Report::of(run, history, &judge(history, &demand), &demand, beside)
}

/// A stale read at 30 s, of 60.
fn broken() -> History {
    let other = |at: u64| json!({"p": 5, "f": "read", "key": "x", "out": 2, "t0": at, "t1": at + 5, "r": "ok", "node": "r2"});
    history(&[
        json!({"p": 1, "f": "write", "key": "x", "in": 1, "t0": 0, "t1": 9, "r": "ok", "node": "r1"}),
        json!({"p": 1, "f": "write", "key": "x", "in": 2, "t0": SECOND, "t1": SECOND + 9, "r": "ok", "node": "r1"}),
        json!({"p": 2, "f": "read", "key": "x", "out": 1, "t0": 30 * SECOND, "t1": 30 * SECOND + 7, "r": "ok", "node": "r3"}),
        other(59 * SECOND),
        write(6, 60 * SECOND, "ok"),
        json!({"f": "leader", "node": "r1", "term": 1, "t0": 0}),
        json!({"f": "leader", "node": "r2", "term": 2, "t0": 21 * SECOND}),
        json!({"f": "fault", "kind": "kill", "node": "r1", "t0": 20 * SECOND, "t1": 25 * SECOND}),
    ])
}

#[test]
fn page_opens_around_the_first_violation_and_its_lines_are_linked() {
    let history = broken();
    let report = report(&history, Vec::new());
    let picture = Picture::of(&history, &report);
    assert_eq!((picture.opened.0.0, picture.opened.1.0), (27_500_000, 32_500_000));
    let mark = &picture.marks[0];
    assert_eq!((mark.property.as_str(), mark.at.unwrap().0), ("linearizable", 30_000_000));
    assert!(mark.lines.iter().any(|shown| shown.text.contains("\"out\":1")), "{mark:?}");
}

#[test]
fn leader_is_sure_until_something_is_done_to_it() {
    let history = broken();
    let picture = Picture::of(&history, &report(&history, Vec::new()));
    let told: Vec<_> =
        picture.led.iter().map(|led| (led.lane, led.term, led.sure.0, led.to.0)).collect();
    assert_eq!(told, [(0, 1, 20_000_000, 21_000_000), (1, 2, 60_001_000, 60_001_000)]);
}

#[test]
fn run_without_violation_opens_whole() {
    let history = history(&[write(1, 0, "ok"), write(1, 9 * SECOND, "ok")]);
    let picture = Picture::of(&history, &report(&history, Vec::new()));
    assert_eq!((picture.opened.0.0, picture.opened.1.0), (0, 9_001_000));
}

#[test]
fn empty_history_has_a_page_too() {
    let history = history(&[]);
    let report = report(&history, Vec::new());
    assert!(page(&report, &Picture::of(&history, &report)).contains("UNKNOWN"));
}

#[test]
fn only_operations_that_went_well_and_that_no_violation_points_at_are_thinned_out() {
    let many = u64::try_from(OK_MAX).unwrap() + 5_000;
    let mut lines: Vec<_> = (0..many).map(|n| write(n, n * 1_000_000, "ok")).collect();
    lines.extend(
        (0..300)
            .map(|n| write(many + n, n * 2_000_000, if n % 2 == 0 { "fail" } else { "unknown" })),
    );
    let history = history(&lines);
    let mut report = report(&history, Vec::new());
    // Lines are counted from one, and the first is the header.
    let accused: Vec<u64> = (7_000..7_100).collect();
    let case = Case { property: "p".into(), sentence: "s".into(), lines: accused.clone() };
    report.findings = vec![case];
    let ticks = Picture::of(&history, &report).ticks;
    assert_eq!((ticks.all, ticks.others_left_out), (lines.len(), 0));
    assert_eq!(ticks.shown.iter().filter(|tick| tick.r != "ok").count(), 300);
    let shown = |line: &u64| ticks.shown.iter().any(|tick| tick.line == *line);
    assert!(accused.iter().all(shown));
    let near = (7_002 - 2_000)..(7_002 + 2_000);
    assert!(near.into_iter().all(|line| shown(&line)), "what the page opens at is whole");
    assert!(ticks.shown.len() <= OK_MAX + 400, "{}", ticks.shown.len());
}

#[test]
fn even_what_did_not_go_well_has_a_limit_and_that_is_told() {
    let many = u64::try_from(OTHERS_MAX).unwrap() + 7;
    let lines: Vec<_> = (0..many).map(|n| write(n, n, "unknown")).collect();
    let history = history(&lines);
    let ticks = Picture::of(&history, &report(&history, Vec::new())).ticks;
    assert_eq!((ticks.shown.len(), ticks.others_left_out), (OTHERS_MAX, 7));
}

#[test]
fn what_a_run_wrote_is_text_and_nothing_else() {
    let history = history(&[
        json!({"p": 1, "f": "write", "key": HOSTILE, "in": HOSTILE, "t0": 0, "t1": 9, "r": "ok", "node": HOSTILE, "rid": HOSTILE}),
        json!({"p": 1, "f": "read", "key": HOSTILE, "out": "other", "t0": 10, "t1": 19, "r": "ok", "node": HOSTILE}),
        json!({"f": "fault", "kind": HOSTILE, "node": HOSTILE, "t0": 5, "t1": null}),
        json!({"f": "leader", "node": HOSTILE, "term": 1, "t0": 0}),
    ]);
    let case = Case { property: HOSTILE.into(), sentence: HOSTILE.into(), lines: vec![2] };
    let mut report = report(&history, vec![case]);
    report.run.source.commit = HOSTILE.into();
    report.doubts_told.push(HOSTILE.into());
    let page = page(&report, &Picture::of(&history, &report));
    let calm = page_of_nothing();
    for markup in ["<script", "</script", "<!--", "<img", "]]>"] {
        assert_eq!(page.matches(markup).count(), calm.matches(markup).count(), "{markup}");
    }
    let data = page.split_once(r#"id="data">"#).unwrap().1.split_once("</script>").unwrap().0;
    let data: Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["faults"][0]["kind"], HOSTILE, "it is told as it was");
}

fn page_of_nothing() -> String {
    let history = history(&[]);
    let report = report(&history, Vec::new());
    page(&report, &Picture::of(&history, &report))
}

#[test]
fn page_needs_nothing_but_itself() {
    let page = page_of_nothing();
    for outside in
        ["http://", "https://", "src=", "url(", "@import", "fetch(", "innerHTML", "eval("]
    {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn folder_of_a_run_is_found_with_what_was_left_in_it() {
    let home = tempfile::tempdir().unwrap();
    let history = broken();
    let beside =
        Case { property: "lost".into(), sentence: "a disk lacks it".into(), lines: vec![] };
    let report = report(&history, vec![beside]);
    assert_eq!(report.verdict, Word::Fail);
    assert_eq!(report.violations["lost"], 1);
    let kill = report.coverage.iter().find(|row| row.of == "fault kill").unwrap();
    assert_eq!((kill.demanded, kill.reached), (2, 1));
    let inside = home.path().join("batch/9");
    folder::leave(&inside, &history, &report).unwrap();
    assert!(inside.join(TIMELINE).is_file());
    let verdict: Value = serde_json::from_slice(&fs::read(inside.join(VERDICT)).unwrap()).unwrap();
    assert_eq!(verdict["verdict"], "FAIL");
    let at = &verdict["availability"]["writes"]["by_fault"]["kill, leader"];
    assert_eq!(at["worst_ns"], 59 * SECOND + 1_000_000 - 9);
    assert_eq!(folder::runs(&[home.path().to_owned()]).unwrap(), [(inside, report)]);
}
