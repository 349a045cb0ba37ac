//! Sets keep what was acknowledged, and show nothing that nobody asked for, or that was refused.
//!
//! Judged by linearizable reads and by the last ones. What older reads show is judged by their revision in
//! [`crate::property::at_revision`].

use crate::finding::{Findings, Violation};
use crate::history::line::{Function, Instant, Operation, Phase};
use crate::history::reader::{History, LineNumber, Numbered};
use crate::request::{Fate, Request, Requests};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Judges all sets.
#[must_use]
pub fn judge(history: &History, requests: &Requests<'_>) -> Findings {
    let mut findings = Findings::default();
    let mut sets = sets(requests, &mut findings);
    for told in &history.operations {
        if told.said.function != Function::ReadSet || !told.said.is_ok() {
            continue;
        }
        let Some(shown) = told.said.output.as_ref().and_then(Value::as_array) else {
            findings.misshapen(told.line, "list");
            continue;
        };
        let set = sets.entry(told.said.key_or_empty()).or_default();
        set.judge_shown(told, shown, &mut findings);
        if told.said.is_fresh() {
            set.judge_lost(told, shown, &mut findings);
        }
        set.was_read_last |= told.said.phase == Phase::Final;
    }
    if !requests.has_log() {
        let unread = sets.iter().filter(|(_, set)| !set.kept.is_empty() && !set.was_read_last);
        unread.for_each(|(key, _)| findings.doubt(format!("set {key:?} was not read in the end")));
    }
    findings
}

/// What was asked of one set.
#[derive(Debug, Default)]
struct Set<'a> {
    asked: HashMap<&'a Value, Asked>,
    /// Acknowledged elements, in the order of their lines.
    kept: Vec<Kept<'a>>,
    was_read_last: bool,
}

/// Since when an element may be there, if it may.
#[derive(Clone, Copy, Debug)]
struct Asked {
    since: Option<Instant>,
    line: LineNumber,
}

#[derive(Clone, Copy, Debug)]
struct Kept<'a> {
    element: &'a Value,
    answered: Instant,
    line: LineNumber,
}

fn sets<'a>(requests: &Requests<'a>, findings: &mut Findings) -> BTreeMap<&'a str, Set<'a>> {
    let mut sets: BTreeMap<&str, Set<'_>> = BTreeMap::new();
    for request in requests.all.iter().filter(|one| one.asked_for().function == Function::Add) {
        let asked_for = request.asked_for();
        match &asked_for.input {
            Some(element) => {
                let key = asked_for.key_or_empty();
                sets.entry(key).or_default().add(request, element);
            }
            None => findings.misshapen(request.line(), "element"),
        }
    }
    sets
}

impl<'a> Set<'a> {
    fn add(&mut self, request: &Request<'_>, element: &'a Value) {
        let line = request.line();
        let since = match request.fate() {
            Fate::Refused => None,
            Fate::Unknown => Some(request.asked()),
            Fate::Done(told) => {
                let answered = told.said.answered.expect("what is certain was answered");
                self.kept.push(Kept { element, answered, line });
                Some(request.asked())
            }
        };
        let known = self.asked.entry(element).or_insert(Asked { since, line });
        known.since = [known.since, since].into_iter().flatten().min();
    }

    fn judge_shown(&self, read: &Numbered<Operation>, shown: &[Value], findings: &mut Findings) {
        let mut seen = HashSet::new();
        for element in shown {
            if !seen.insert(element) {
                let why = format!("{element} is there twice");
                findings.violated(Violation::DuplicateElement, [read.line], why);
                continue;
            }
            match self.asked.get(element) {
                None => {
                    let why = format!("{element} is there, and nobody asked for it");
                    findings.violated(Violation::Phantom, [read.line], why);
                }
                Some(Asked { since: None, line }) => {
                    let why = format!("{element} was refused and is there");
                    findings.violated(Violation::RefusedButApplied, [*line, read.line], why);
                }
                Some(Asked { since: Some(since), line }) => {
                    if read.said.answered.is_some_and(|answered| answered < *since) {
                        let why = format!("{element} was there before anybody asked for it");
                        findings.violated(Violation::Phantom, [read.line, *line], why);
                    }
                }
            }
        }
    }

    fn judge_lost(&self, read: &Numbered<Operation>, shown: &[Value], findings: &mut Findings) {
        let shown: HashSet<&Value> = shown.iter().collect();
        for kept in self.kept.iter().filter(|kept| kept.answered < read.said.asked) {
            if !shown.contains(kept.element) {
                let why = format!("{} was acknowledged and is missing", kept.element);
                findings.violated(Violation::AckedLost, [kept.line, read.line], why);
            }
        }
    }
}
