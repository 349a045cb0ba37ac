//! Revisions put all of the store into one order, and that order respects real time.
//!
//! Looks at all keys together, at writes and linearizable reads. What a revision holds is judged in
//! [`crate::property::at_revision`].

use crate::finding::{Findings, Violation};
use crate::history::line::{Instant, Nature, Operation, Revision};
use crate::history::reader::{History, LineNumber};
use crate::request::Requests;
use std::collections::BTreeMap;

/// Something that carries a revision, from its question to its answer.
#[derive(Clone, Copy, Debug)]
struct Point {
    asked: Instant,
    answered: Instant,
    revision: Revision,
    kind: Kind,
    line: LineNumber,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Its revision is its own.
    Write,
    /// Its revision is that of the last write it saw, or later.
    Read,
}

/// Judges all revisions.
#[must_use]
pub fn judge(history: &History, requests: &Requests<'_>) -> Findings {
    let mut findings = Findings::default();
    let mut points = writes(requests);
    judge_unique(&points, &mut findings);
    points.extend(reads(history));
    judge_real_time(points, &mut findings);
    findings
}

fn writes(requests: &Requests<'_>) -> Vec<Point> {
    let changes = requests.all.iter().filter_map(|request| {
        let told = request.change()?;
        let (revision, answered) = (told.said.revision?, told.said.answered?);
        let asked = request.asked();
        Some(Point { asked, answered, revision, kind: Kind::Write, line: told.line })
    });
    changes.collect()
}

fn reads(history: &History) -> impl Iterator<Item = Point> {
    history.operations.iter().filter(|told| is_linearizable_read(&told.said)).filter_map(|told| {
        let (asked, answered) = (told.said.asked, told.said.answered?);
        let (revision, kind, line) = (told.said.revision?, Kind::Read, told.line);
        Some(Point { asked, answered, revision, kind, line })
    })
}

fn is_linearizable_read(operation: &Operation) -> bool {
    operation.function.nature() == Nature::Read && operation.is_ok() && operation.is_linearizable()
}

fn judge_unique(writes: &[Point], findings: &mut Findings) {
    let mut known: BTreeMap<Revision, LineNumber> = BTreeMap::new();
    for write in writes {
        if let Some(other) = known.insert(write.revision, write.line) {
            let why = format!("two writes have revision {}", write.revision.0);
            findings.violated(Violation::RevisionUnique, [other, write.line], why);
        }
    }
}

/// Goes through questions and answers as they came, with the highest revision that was answered by then.
fn judge_real_time(mut asked: Vec<Point>, findings: &mut Findings) {
    asked.sort_by_key(|point| point.asked);
    let mut answered = asked.clone();
    answered.sort_by_key(|point| point.answered);
    let mut answered = answered.into_iter().peekable();
    let mut highest: Option<Point> = None;
    for point in asked {
        while let Some(over) = answered.next_if(|over| over.answered < point.asked) {
            if highest.is_none_or(|highest| highest.revision < over.revision) {
                highest = Some(over);
            }
        }
        let Some(before) = highest else { continue };
        let in_order = match point.kind {
            Kind::Write => before.revision < point.revision,
            Kind::Read => before.revision <= point.revision,
        };
        if !in_order {
            let (revision, higher) = (point.revision.0, before.revision.0);
            let why = format!("revision {revision} was asked for after {higher} had been answered");
            findings.violated(Violation::RevisionRealtime, [before.line, point.line], why);
        }
    }
}
