//! Every violation has a smallest history that shows it, and nearly the same one that does not.
//!
//! A file has sections: `-- caught: VIOLATION...` is followed by a history in which exactly these are found,
//! `-- passes` by one that passes.

use crate::notation::history;
use regent_check::coverage::Demand;
use regent_check::finding::Violation;
use regent_check::verdict::{Outcome, Verdict, judge};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judging/histories")
}

/// Texts by the names of their files.
fn files() -> BTreeMap<String, String> {
    let files = std::fs::read_dir(folder()).unwrap().map(|file| {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(path).unwrap())
    });
    files.collect()
}

fn name(violation: Violation) -> String {
    serde_json::to_value(violation).unwrap().as_str().unwrap().to_owned()
}

/// One history, and the violations that are to be found in it.
struct Section<'a> {
    expected: BTreeSet<String>,
    verdict: Verdict,
    text: &'a str,
}

impl<'a> Section<'a> {
    fn all(file: &'a str) -> Vec<Self> {
        let sections = file.split("\n-- ").skip(1);
        sections.map(Self::of).collect()
    }

    fn of(text: &'a str) -> Self {
        let (title, lines) = text.split_once('\n').unwrap();
        let title: Vec<_> = title.split_whitespace().collect();
        let expected = match title.as_slice() {
            ["passes"] => BTreeSet::new(),
            ["caught:", names @ ..] => names.iter().map(|name| (*name).to_owned()).collect(),
            _ => panic!("not a title: {title:?}"),
        };
        let verdict = judge(&history(lines), &Demand::default());
        Self { expected, verdict, text }
    }
}

#[test]
fn every_violation_has_a_file_and_every_file_a_violation() {
    let expected: BTreeSet<_> = Violation::ALL.map(name).into();
    let found: BTreeSet<_> = files().into_keys().collect();
    assert_eq!(found, expected);
}

#[test]
fn bad_histories_are_caught_by_name_and_good_ones_pass() {
    for (file, text) in files() {
        for Section { expected, verdict, text } in Section::all(&text) {
            let found: BTreeSet<_> = verdict.violations.keys().copied().map(name).collect();
            let told =
                format!("{file}: {text}\n{:#?}\n{:?}", verdict.findings, verdict.doubts_told);
            assert_eq!(found, expected, "{told}");
            let outcome = if expected.is_empty() { Outcome::Pass } else { Outcome::Fail };
            assert_eq!(verdict.outcome, outcome, "{told}");
        }
    }
}

#[test]
fn every_file_shows_its_violation_and_a_history_without() {
    for (file, text) in files() {
        let sections = Section::all(&text);
        assert!(sections.iter().any(|section| section.expected.contains(&file)), "{file}");
        assert!(sections.iter().any(|section| section.expected.is_empty()), "{file}");
    }
}

#[test]
fn every_finding_shows_lines_of_the_history() {
    for (file, text) in files() {
        for section in Section::all(&text) {
            let lines = section.text.lines().count() as u64 + 2;
            for finding in &section.verdict.findings {
                assert!(!finding.lines.is_empty(), "{file}: {finding:?}");
                let known = finding.lines.iter().all(|line| (2..lines).contains(&line.0));
                assert!(known, "{file}: {finding:?}");
            }
        }
    }
}
