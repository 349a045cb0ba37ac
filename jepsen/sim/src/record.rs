//! Takes everything down: operations, faults, findings, and the trace.

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

/// What was taken down.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// What clients asked and were answered, in the order in which the answers became known.
    pub operations: Vec<Operation>,
    /// Faults, leaders, and the committed log.
    pub notes: Vec<Note>,
    /// What must not be, a sentence each.
    pub findings: Vec<String>,
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
        self.recorded.borrow_mut().operations.push(operation);
    }

    /// A fault is over, a node was seen to lead, or an entry was read.
    pub fn note(&self, note: Note) {
        self.trace.note("note", debugged(&note).as_bytes());
        self.recorded.borrow_mut().notes.push(note);
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

    /// Gives away all that was taken down so far.
    #[must_use]
    pub fn take(&self) -> Recorded {
        self.recorded.take()
    }
}

fn debugged(what: &impl Debug) -> String {
    format!("{what:?}")
}
