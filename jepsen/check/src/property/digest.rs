//! Replicas agree: one state at one revision, and the same state everywhere in the end.
//!
//! Knows nothing of a state but its digest.

use crate::finding::{Findings, Violation};
use crate::history::line::{Function, Operation, Phase, Revision};
use crate::history::reader::{History, LineNumber, Numbered};
use serde_json::Value;
use std::collections::BTreeMap;

/// Judges all digests.
#[must_use]
pub fn judge(history: &History) -> Findings {
    let mut findings = Findings::default();
    let mut known: BTreeMap<Revision, (&Value, LineNumber)> = BTreeMap::new();
    let mut last: BTreeMap<&str, (&Value, LineNumber)> = BTreeMap::new();
    for told in &history.operations {
        if told.said.function != Function::Digest || !told.said.is_ok() {
            continue;
        }
        let Some((digest, revision, node)) = digest(told) else {
            findings.misshapen(told.line, "digest, revision and node");
            continue;
        };
        let (first, line) = *known.entry(revision).or_insert((digest, told.line));
        if first != digest {
            let why = format!("two states at revision {}", revision.0);
            findings.violated(Violation::Divergence, [line, told.line], why);
        }
        if told.said.phase == Phase::Final {
            last.insert(node, (digest, told.line));
        }
    }
    let mut last = last.into_iter();
    if let Some((node, (digest, line))) = last.next() {
        for (other, (_, its_line)) in last.filter(|(_, (other, _))| *other != digest) {
            let why = format!("{node} and {other} differ in the end");
            findings.violated(Violation::NoConvergence, [line, its_line], why);
        }
    }
    findings
}

fn digest(told: &Numbered<Operation>) -> Option<(&Value, Revision, &str)> {
    let Operation { output, revision, node, .. } = &told.said;
    Some((output.as_ref()?, (*revision)?, node.as_deref()?))
}
