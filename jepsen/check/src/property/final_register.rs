//! What a register holds when all is healed is what was last written to it.
//!
//! Looks at the final reads of any level, so also at those that ask one node alone.

use crate::finding::{Findings, Violation};
use crate::history::line::{Function, Instant, Phase};
use crate::history::reader::{History, LineNumber};
use crate::property::changes::{ABSENT, written};
use crate::request::{Fate, Requests};
use serde_json::Value;
use std::collections::BTreeMap;

/// A write of one register.
#[derive(Clone, Copy, Debug)]
struct Write<'a> {
    value: &'a Value,
    asked: Instant,
    /// `None` if it may have happened at any time, or never.
    done: Option<Instant>,
    line: LineNumber,
}

/// Judges all final reads of registers.
#[must_use]
pub fn judge(history: &History, requests: &Requests<'_>) -> Findings {
    let mut findings = Findings::default();
    let registers = writes(requests);
    for told in &history.operations {
        let is_final = told.said.phase == Phase::Final && told.said.is_ok();
        let (Function::Read, true, Some(answered)) =
            (told.said.function, is_final, told.said.answered)
        else {
            continue;
        };
        let Some(value) = &told.said.output else {
            findings.misshapen(told.line, "output");
            continue;
        };
        let key = told.said.key_or_empty();
        let writes = registers.get(key).map(Vec::as_slice).unwrap_or_default();
        if let Some(last) = last_before(writes, told.said.asked)
            && !may_be_last(writes, value, last.asked, answered)
        {
            let why = format!("{key:?} holds {value} in the end, and {} was written", last.value);
            findings.violated(Violation::FinalRegister, [last.line, told.line], why);
        } else if !may_be_there(writes, value, answered) {
            let why = format!("{key:?} holds {value} in the end, and nobody wrote it");
            findings.violated(Violation::FinalRegister, [told.line], why);
        }
    }
    findings
}

fn writes<'a>(requests: &Requests<'a>) -> BTreeMap<&'a str, Vec<Write<'a>>> {
    let mut registers: BTreeMap<&str, Vec<Write<'_>>> = BTreeMap::new();
    for request in requests.all.iter().filter(|request| requests.is_possible(request)) {
        let asked_for = request.asked_for();
        let Some(value) = written(asked_for) else { continue };
        let done = match request.fate() {
            Fate::Refused => continue,
            Fate::Unknown => None,
            Fate::Done(_) => match request.change() {
                Some(told) => told.said.answered,
                None => continue,
            },
        };
        let write = Write { value, asked: request.asked(), done, line: request.line() };
        registers.entry(asked_for.key_or_empty()).or_default().push(write);
    }
    registers
}

/// Of the writes that were done before `asked`, the one that was asked last.
fn last_before<'a>(writes: &[Write<'a>], asked: Instant) -> Option<Write<'a>> {
    let done = writes.iter().filter(|write| write.done.is_some_and(|done| done < asked));
    done.max_by_key(|write| write.asked).copied()
}

/// Whether this value was written by a write that was not over before the last one was asked.
fn may_be_last(writes: &[Write<'_>], value: &Value, last: Instant, answered: Instant) -> bool {
    writes.iter().any(|write| {
        let lasts = write.done.is_none_or(|done| done >= last);
        write.value == value && write.asked <= answered && lasts
    })
}

fn may_be_there(writes: &[Write<'_>], value: &Value, answered: Instant) -> bool {
    value == &ABSENT || writes.iter().any(|write| write.value == value && write.asked <= answered)
}
