//! A read shows what the store held at the revision it tells, however old that is.
//!
//! This is what stale reads promise: a prefix of the history. Looks at registers and sets.

use crate::finding::{Findings, Violation};
use crate::history::line::{Function, Instant, Operation, Revision};
use crate::history::reader::{History, LineNumber, Numbered};
use crate::property::changes::{ABSENT, changes};
use crate::request::Requests;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Judges all reads that tell a revision.
#[must_use]
pub fn judge(history: &History, requests: &Requests<'_>) -> Findings {
    let mut findings = Findings::default();
    judge_registers(history, requests, &mut findings);
    judge_sets(history, requests, &mut findings);
    findings
}

/// Reads of one kind that were answered and tell their revision.
fn reads(
    history: &History,
    function: Function,
) -> impl Iterator<Item = (&Numbered<Operation>, Revision, Instant)> {
    history.operations.iter().filter_map(move |told| {
        let of_this_kind = told.said.function == function && told.said.is_ok();
        let (revision, answered) = (told.said.revision?, told.said.answered?);
        of_this_kind.then_some((told, revision, answered))
    })
}

fn judge_registers(history: &History, requests: &Requests<'_>, findings: &mut Findings) {
    let registers = changes(requests);
    for (read, revision, answered) in reads(history, Function::Read) {
        let Some(value) = &read.said.output else {
            findings.misshapen(read.line, "output");
            continue;
        };
        let register = registers.get(read.said.key_or_empty());
        let change = register.and_then(|register| register.at(revision));
        let expected = change.map_or(&ABSENT, |change| change.value);
        let explained = register.is_some_and(|register| register.may_hold(value, answered));
        if value != expected && !explained {
            let why = format!("shows {value}, but revision {} held {expected}", revision.0);
            let lines = change.map(|change| change.line).into_iter().chain([read.line]);
            findings.violated(Violation::ReadAtRevision, lines, why);
        }
    }
}

/// Elements of a set with the revisions that are known for them.
type Added<'a> = HashMap<&'a Value, (Revision, LineNumber)>;

fn judge_sets(history: &History, requests: &Requests<'_>, findings: &mut Findings) {
    let sets = added(requests);
    for (read, revision, _) in reads(history, Function::ReadSet) {
        let Some(elements) = read.said.output.as_ref().and_then(Value::as_array) else {
            findings.misshapen(read.line, "list");
            continue;
        };
        let Some(added) = sets.get(read.said.key_or_empty()) else { continue };
        let shown: HashSet<&Value> = elements.iter().collect();
        for (element, line) in misplaced(added, &shown, revision) {
            let verb = if shown.contains(element) { "shows" } else { "lacks" };
            let why = format!("{verb} {element}, unlike revision {}", revision.0);
            findings.violated(Violation::ReadAtRevision, [line, read.line], why);
        }
    }
}

fn added<'a>(requests: &Requests<'a>) -> BTreeMap<&'a str, Added<'a>> {
    let mut sets: BTreeMap<&str, Added<'_>> = BTreeMap::new();
    for request in &requests.all {
        let asked_for = request.asked_for();
        let told = request.change().filter(|_| asked_for.function == Function::Add);
        let revision = told.and_then(|told| told.said.revision);
        if let (Some(element), Some(revision)) = (&asked_for.input, revision) {
            let set = sets.entry(asked_for.key_or_empty()).or_default();
            let first = set.entry(element).or_insert((revision, request.line()));
            *first = (*first).min((revision, request.line()));
        }
    }
    sets
}

/// Elements that are shown although they came later, or are not although they came earlier; by line.
fn misplaced<'a>(
    added: &Added<'a>,
    shown: &HashSet<&Value>,
    revision: Revision,
) -> Vec<(&'a Value, LineNumber)> {
    let mut misplaced: Vec<_> = added
        .iter()
        .filter(|(element, (since, _))| (*since <= revision) != shown.contains(*element))
        .map(|(element, (_, line))| (*element, *line))
        .collect();
    misplaced.sort_by_key(|(_, line)| *line);
    misplaced
}
