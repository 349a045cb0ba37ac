//! What one client may rely on: the store does not go back for it, and it sees its own writes.
//!
//! A client is a process. Stale reads promise it only that one node does not go back.

use crate::finding::{Findings, Violation};
use crate::history::line::{Function, Instant, Level, Nature, Operation, Process, Revision};
use crate::history::reader::{History, LineNumber, Numbered};
use crate::request::{Requests, changed};
use std::collections::BTreeMap;

/// Judges what each process saw.
#[must_use]
pub fn judge(history: &History, requests: &Requests<'_>) -> Findings {
    let mut findings = Findings::default();
    let asked = first_asked(requests);
    let mut sessions: BTreeMap<Process, Session<'_>> = BTreeMap::new();
    let mut operations: Vec<_> = history.operations.iter().collect();
    operations.sort_by_key(|told| told.said.asked);
    for told in operations.into_iter().filter(|told| told.said.is_ok()) {
        let Some(revision) = told.said.revision else { continue };
        let session = sessions.entry(told.said.process).or_default();
        match told.said.function.nature() {
            Nature::Write if changed(&told.said) => {
                let request_id = told.said.request_id.as_deref();
                let first = request_id.and_then(|request_id| asked.get(request_id));
                let since = first.copied().unwrap_or(told.said.asked);
                session.write(told, revision, since, &mut findings);
            }
            // What was compared and did not match is no write, and a read that others judge.
            Nature::Write => {}
            Nature::Read => session.read(told, revision, &mut findings),
            Nature::Local if told.said.function == Function::Digest => {
                session.node(told, revision, &mut findings);
            }
            Nature::Local => {}
        }
    }
    findings
}

/// When each request with an idempotency key was first asked, by any process.
fn first_asked<'a>(requests: &Requests<'a>) -> BTreeMap<&'a str, Instant> {
    let named = requests.all.iter().filter_map(|request| {
        let request_id = request.asked_for().request_id.as_deref()?;
        Some((request_id, request.asked()))
    });
    named.collect()
}

/// The highest revision of a kind that a client was told.
#[derive(Clone, Copy, Debug)]
struct Mark {
    revision: Revision,
    line: LineNumber,
}

/// What a client has seen so far.
#[derive(Debug, Default)]
struct Session<'a> {
    written: Option<Mark>,
    /// When the answer to its last write came.
    written_at: Option<Instant>,
    read: Option<Mark>,
    nodes: BTreeMap<&'a str, Mark>,
}

impl<'a> Session<'a> {
    /// A request that was first asked before the last write was answered may have been done before it.
    fn write(
        &mut self,
        told: &Numbered<Operation>,
        revision: Revision,
        first_asked: Instant,
        findings: &mut Findings,
    ) {
        let comes_later = self.written_at.is_none_or(|answered| answered <= first_asked);
        if let Some(before) = self.written.filter(|before| revision <= before.revision)
            && comes_later
        {
            report(Violation::MonotonicWrites, before, told.line, revision, findings);
        }
        raise(&mut self.written, told.line, revision);
        self.written_at = self.written_at.max(told.said.answered);
    }

    fn read(&mut self, told: &'a Numbered<Operation>, revision: Revision, findings: &mut Findings) {
        self.node(told, revision, findings);
        match told.said.level {
            None | Some(Level::Lin) => self.promised_read(told, revision, None, findings),
            Some(Level::Session { min_revision }) => {
                self.promised_read(told, revision, Some(min_revision), findings);
            }
            Some(Level::Stale { .. }) => {}
        }
    }

    fn promised_read(
        &mut self,
        told: &Numbered<Operation>,
        revision: Revision,
        min_revision: Option<Revision>,
        findings: &mut Findings,
    ) {
        let behind = |mark: Option<Mark>| mark.filter(|mark| revision < mark.revision);
        if let Some(before) = behind(self.written) {
            report(Violation::ReadYourWrites, before, told.line, revision, findings);
        } else if min_revision.is_some_and(|min_revision| revision < min_revision) {
            let why = format!("shows revision {}, which is less than was asked for", revision.0);
            findings.violated(Violation::ReadYourWrites, [told.line], why);
        }
        if let Some(before) = behind(self.read) {
            report(Violation::MonotonicReads, before, told.line, revision, findings);
        }
        raise(&mut self.read, told.line, revision);
    }

    fn node(&mut self, told: &'a Numbered<Operation>, revision: Revision, findings: &mut Findings) {
        let Some(node) = told.said.node.as_deref() else { return };
        let mut mark = self.nodes.get(node).copied();
        if let Some(before) = mark.filter(|before| revision < before.revision) {
            report(Violation::NodeBackwards, before, told.line, revision, findings);
        }
        raise(&mut mark, told.line, revision);
        self.nodes.extend(mark.map(|mark| (node, mark)));
    }
}

fn raise(mark: &mut Option<Mark>, line: LineNumber, revision: Revision) {
    if mark.is_none_or(|mark| mark.revision < revision) {
        *mark = Some(Mark { revision, line });
    }
}

fn report(
    violation: Violation,
    before: Mark,
    line: LineNumber,
    revision: Revision,
    findings: &mut Findings,
) {
    let why = format!("the client was told revision {} and then {}", before.revision.0, revision.0);
    findings.violated(violation, [before.line, line], why);
}
