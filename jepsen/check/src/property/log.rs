//! Each request was done once or not at all, as its clients were told: acknowledged ones are in the committed log at
//! the revision that was told, refused ones are not, and none is there twice.
//!
//! Without log lines only the answers to retries are compared.

use crate::finding::{Findings, Violation};
use crate::history::line::{Operation, Revision};
use crate::history::reader::{LineNumber, Numbered};
use crate::request::{Fate, Request, Requests, changed};

/// Judges all requests.
#[must_use]
pub fn judge(requests: &Requests<'_>) -> Findings {
    let mut findings = Findings::default();
    for line in &requests.mixed {
        findings.doubt(format!("{line} uses the idempotency key of a different request"));
    }
    for (request_id, entries) in &requests.log {
        judge_entries(request_id, entries, &mut findings);
    }
    for request in &requests.all {
        judge_answers(request, &mut findings);
        if requests.has_log() {
            judge_logged(request, requests, &mut findings);
        }
    }
    findings
}

/// One entry may be told several times, by several nodes.
fn judge_entries(request_id: &str, entries: &[(Revision, LineNumber)], findings: &mut Findings) {
    let mut entries = entries.to_vec();
    entries.sort_unstable();
    entries.dedup_by_key(|(revision, _)| *revision);
    if entries.len() > 1 {
        let why = format!("request {request_id:?} is {} times in the log", entries.len());
        let lines = entries.into_iter().map(|(_, line)| line);
        findings.violated(Violation::AppliedTwice, lines, why);
    }
}

fn judge_answers(request: &Request<'_>, findings: &mut Findings) {
    let mut answers = request.answers();
    let Some(first) = answers.next() else { return };
    for other in answers.filter(|other| !answer_the_same(first, other)) {
        let why = "the same request was answered differently".to_owned();
        findings.violated(Violation::RetryAnswerDiffers, [first.line, other.line], why);
    }
}

fn answer_the_same(one: &Numbered<Operation>, other: &Numbered<Operation>) -> bool {
    let revisions = one.said.revision.zip(other.said.revision);
    one.said.output == other.said.output && revisions.is_none_or(|(one, other)| one == other)
}

fn judge_logged(request: &Request<'_>, requests: &Requests<'_>, findings: &mut Findings) {
    let Some(request_id) = request.asked_for().request_id.as_deref() else { return };
    let entries = requests.log.get(request_id).map(Vec::as_slice).unwrap_or_default();
    match request.fate() {
        Fate::Unknown => {}
        Fate::Refused => {
            if let Some((_, line)) = entries.first() {
                let why = format!("request {request_id:?} was refused and is in the log");
                let lines = request.lines().chain([*line]);
                findings.violated(Violation::RefusedButApplied, lines, why);
            }
        }
        Fate::Done(told) if entries.is_empty() => {
            if changed(&told.said) {
                let why = format!("request {request_id:?} was acknowledged and is not in the log");
                findings.violated(Violation::AckedNotInLog, [told.line], why);
            }
        }
        Fate::Done(told) => {
            let Some(revision) = told.said.revision else { return };
            if entries.iter().all(|(logged, _)| *logged != revision) {
                let (logged, line) = entries[0];
                let why = format!(
                    "request {request_id:?} was acknowledged at revision {} and applied at {}",
                    revision.0, logged.0
                );
                findings.violated(Violation::WrongRevision, [told.line, line], why);
            }
        }
    }
}
