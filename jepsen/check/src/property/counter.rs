//! A counter is the sum of what was added to it, each addition once.
//!
//! Judged by linearizable reads and by the last ones, between the least and the most that can have been added by then.

use crate::finding::{Findings, Violation};
use crate::history::line::{Function, Instant, Operation};
use crate::history::reader::History;
use crate::request::{Fate, Request, Requests};
use serde_json::Value;
use std::collections::BTreeMap;

/// What was added to one counter.
#[derive(Debug, Default)]
struct Counter {
    /// By when it certainly had been.
    done: Sums,
    /// From when on it may have been.
    asked: Sums,
}

/// Judges all counters.
#[must_use]
pub fn judge(history: &History, requests: &Requests<'_>) -> Findings {
    let mut findings = Findings::default();
    let mut counters: BTreeMap<&str, Counter> = BTreeMap::new();
    for request in requests.all.iter().filter(|one| one.asked_for().function == Function::Apply) {
        let counter = counters.entry(request.asked_for().key_or_empty());
        if requests.is_possible(request) && counter.or_default().add(request).is_none() {
            findings.misshapen(request.line(), "amount");
        }
    }
    counters.values_mut().for_each(Counter::sum_up);
    for told in history.operations.iter().filter(|told| is_fresh_read(&told.said)) {
        let value = told.said.output.as_ref().and_then(Value::as_i64).map(i128::from);
        let (Some(value), Some(answered)) = (value, told.said.answered) else {
            findings.misshapen(told.line, "number");
            continue;
        };
        let counter = counters.entry(told.said.key_or_empty()).or_default();
        let (least, most) = counter.bounds(told.said.asked, answered);
        if value < least {
            let why = format!("{value} is less than {least}, which had been acknowledged");
            findings.violated(Violation::CounterLost, [told.line], why);
        } else if value > most {
            let why = format!("{value} is more than {most}, which is all that was asked for");
            findings.violated(Violation::CounterTwice, [told.line], why);
        }
    }
    findings
}

fn is_fresh_read(operation: &Operation) -> bool {
    operation.function == Function::ReadCtr && operation.is_ok() && operation.is_fresh()
}

impl Counter {
    /// `None` if its shape is not that of an addition.
    fn add(&mut self, request: &Request<'_>) -> Option<()> {
        let amount = i128::from(request.asked_for().input.as_ref()?.get("by")?.as_i64()?);
        if let Fate::Done(told) = request.fate() {
            self.done.add(told.said.answered?, amount);
        }
        self.asked.add(request.asked(), amount);
        Some(())
    }

    /// From here on the sums can be asked for.
    fn sum_up(&mut self) {
        self.done.sum_up();
        self.asked.sum_up();
    }

    /// The least and the most that a read between these moments can show: what may have been taken away was, and what
    /// may have been added was not, or the other way round.
    fn bounds(&self, asked: Instant, answered: Instant) -> (i128, i128) {
        let done = self.done.until(|at| at < asked);
        let possible = self.asked.until(|at| at <= answered);
        (done.added + possible.taken, done.taken + possible.added)
    }
}

/// Amounts above and below zero, apart.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    added: i128,
    taken: i128,
}

/// Amounts by time, and what they came to by then.
#[derive(Debug, Default)]
struct Sums(Vec<(Instant, Sum)>);

impl Sums {
    fn add(&mut self, at: Instant, amount: i128) {
        self.0.push((at, Sum { added: amount.max(0), taken: amount.min(0) }));
    }

    fn sum_up(&mut self) {
        self.0.sort_by_key(|(at, _)| *at);
        let mut total = Sum::default();
        for (_, sum) in &mut self.0 {
            total = Sum { added: total.added + sum.added, taken: total.taken + sum.taken };
            *sum = total;
        }
    }

    fn until(&self, counts: impl Fn(Instant) -> bool) -> Sum {
        let number = self.0.partition_point(|(at, _)| counts(*at));
        number.checked_sub(1).map_or(Sum::default(), |last| self.0[last].1)
    }
}
