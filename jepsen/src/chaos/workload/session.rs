//! A sequential client of a history: what it did, under which process number.

use crate::load::meter::Meter;
use regent_check::history::line::{Function, Instant, Operation, Phase, Process, Verdict};
use std::sync::Arc;

/// Process numbers of one session; a session goes on under the next one after an unknown outcome. Those below belong to
/// the clients of `load`.
const NUMBERS: u64 = 1_000_000;

/// A session.
pub struct Session {
    number: u64,
    generation: u64,
    meter: Arc<Meter>,
    phase: Phase,
    done: Vec<Operation>,
}

impl Session {
    /// The `number`th session of a run, on the clock of its load.
    #[must_use]
    pub const fn new(number: u64, meter: Arc<Meter>, phase: Phase) -> Self {
        Self { number, generation: 0, meter, phase, done: Vec::new() }
    }

    /// Now, on the clock of the harness.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.meter.now()
    }

    /// An operation that was asked at this node then, and answered just now; without effect unless somebody says more.
    #[must_use]
    pub fn asked(&self, function: Function, node: &str, asked: Instant) -> Operation {
        Operation {
            process: Process((self.number + 1) * NUMBERS + self.generation),
            function,
            key: None,
            input: None,
            output: None,
            asked,
            answered: Some(self.now()),
            verdict: Verdict::Fail,
            revision: None,
            level: None,
            node: Some(node.to_owned()),
            request_id: None,
            phase: self.phase,
        }
    }

    /// It is over.
    pub fn note(&mut self, operation: Operation) {
        self.done.push(operation);
    }

    /// Nobody will ever know what became of the last one: the session goes on as another process.
    pub const fn retire(&mut self) {
        self.generation += 1;
    }

    /// All it did.
    #[must_use]
    pub fn end(self) -> Vec<Operation> {
        self.done
    }
}
