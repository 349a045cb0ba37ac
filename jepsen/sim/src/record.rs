//! Takes everything down: operations, faults, findings, and the trace.

use crate::history::History;
use crate::trace::Trace;
use regent_check::history::line::{Instant, Note, Operation};
use std::cell::RefCell;
use std::fmt::Debug;
use std::rc::Rc;

/// Findings kept of one run: after the first ones the others say little.
const FINDINGS_MAX: usize = 50;

/// The recorder of a run; clones are the same.
#[derive(Clone, Debug)]
pub struct Recorder {
    /// What happened, as a hash.
    pub trace: Trace,
    recorded: Rc<RefCell<Recorded>>,
}

#[derive(Debug, Default)]
struct Recorded {
    history: History,
    findings: Vec<String>,
}

impl Recorder {
    /// Nothing yet.
    #[must_use]
    pub fn new(trace: Trace) -> Self {
        Self { trace, recorded: Rc::default() }
    }

    /// The instant it is on the one clock of the run.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant(self.trace.now_ns())
    }

    /// An operation is over.
    pub fn operation(&self, operation: Operation) {
        self.trace.note("operation", debugged(&operation).as_bytes());
        self.recorded.borrow_mut().history.operations.push(operation);
    }

    /// A fault is over, or an entry was read.
    pub fn note(&self, note: Note) {
        self.trace.note("note", debugged(&note).as_bytes());
        self.recorded.borrow_mut().history.notes.push(note);
    }

    /// Something that must not be.
    pub fn find(&self, finding: String) {
        // Its text may name a folder of this machine.
        self.trace.note("finding", &[]);
        let seconds = self.trace.now_ns() as f64 / 1e9;
        let mut recorded = self.recorded.borrow_mut();
        if recorded.findings.len() < FINDINGS_MAX {
            recorded.findings.push(format!("at {seconds:.3} s: {finding}"));
        }
    }

    /// The history so far.
    #[must_use]
    pub fn history(&self) -> History {
        self.recorded.borrow().history.clone()
    }

    /// The findings so far.
    #[must_use]
    pub fn findings(&self) -> Vec<String> {
        self.recorded.borrow().findings.clone()
    }
}

fn debugged(what: &impl Debug) -> String {
    format!("{what:?}")
}
