//! What each register held at which revision, as far as clients were told or the committed log says.
//!
//! Believes the revisions. Whether they deserve it is judged by [`crate::property::revision`] and
//! [`crate::property::log`].

use crate::history::line::{Function, Instant, Operation, Revision};
use crate::history::reader::LineNumber;
use crate::request::{Fate, Requests};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a register holds before the first write, and after a deletion.
pub static ABSENT: Value = Value::Null;

/// A change of a register.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// What it holds from then on.
    pub value: &'a Value,
    /// Where the history tells of it.
    pub line: LineNumber,
}

/// A change of which nobody knows the revision, or whether it happened.
#[derive(Clone, Copy, Debug)]
pub struct OpenChange<'a> {
    /// What it would put there.
    pub value: &'a Value,
    /// From when on it may have happened.
    pub asked: Instant,
}

/// All that is known of one register.
#[derive(Clone, Debug, Default)]
pub struct Changes<'a> {
    /// By revision.
    pub known: BTreeMap<Revision, Change<'a>>,
    /// Those without.
    pub open: Vec<OpenChange<'a>>,
}

impl<'a> Changes<'a> {
    /// What the register held at this revision, by what is known.
    #[must_use]
    pub fn at(&self, revision: Revision) -> Option<Change<'a>> {
        self.known.range(..=revision).next_back().map(|(_, change)| *change)
    }

    /// Whether an open change may have put this value there before `until`.
    #[must_use]
    pub fn may_hold(&self, value: &Value, until: Instant) -> bool {
        self.open.iter().any(|open| open.value == value && open.asked <= until)
    }

    /// Known changes that certainly changed something: not those to what may have been there already.
    pub fn effective(&self) -> impl Iterator<Item = (Revision, Change<'a>)> {
        let mut before = &ABSENT;
        self.known.iter().filter_map(move |(revision, change)| {
            let same = change.value == std::mem::replace(&mut before, change.value);
            let doubtful = self.may_hold(change.value, Instant(u64::MAX));
            (!same && !doubtful).then_some((*revision, *change))
        })
    }
}

/// The changes of all registers by key.
#[must_use]
pub fn changes<'a>(requests: &Requests<'a>) -> BTreeMap<&'a str, Changes<'a>> {
    let mut all: BTreeMap<&str, Changes<'_>> = BTreeMap::new();
    for request in &requests.all {
        let asked_for = request.asked_for();
        let Some(value) = written(asked_for) else { continue };
        let changes = all.entry(asked_for.key_or_empty()).or_default();
        let revision = match request.fate() {
            Fate::Refused => continue,
            Fate::Done(_) => match request.change() {
                None => continue,
                Some(told) => told.said.revision.or_else(|| requests.logged(request)),
            },
            // The log has the request, but not whether a comparison matched.
            Fate::Unknown if asked_for.function == Function::Cas => None,
            Fate::Unknown => requests.logged(request),
        };
        match revision {
            Some(revision) => {
                let change = Change { value, line: request.line() };
                changes.known.insert(revision, change);
            }
            None if requests.is_possible(request) => {
                changes.open.push(OpenChange { value, asked: request.asked() });
            }
            None => {}
        }
    }
    all
}

/// The value that a register write puts there.
#[must_use]
pub fn written(operation: &Operation) -> Option<&Value> {
    match operation.function {
        Function::Write => operation.input.as_ref(),
        Function::Delete => Some(&ABSENT),
        Function::Cas => operation.input.as_ref()?.get("new"),
        Function::Read | Function::ReadSet | Function::ReadCtr | Function::Usage => None,
        Function::Alloc | Function::Renew | Function::Release => None,
        Function::Add | Function::Apply => None,
        Function::Watch | Function::Dns | Function::Digest => None,
    }
}
