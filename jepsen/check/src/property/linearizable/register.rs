//! One register as the search sees it: steps with values by number, in the order in which they were asked.
//!
//! What can have no part in any explanation is left out here, so that the search stays small.

use crate::finding::Findings;
use crate::history::line::{Function, Instant, Operation, Revision};
use crate::history::reader::{History, LineNumber, Numbered};
use crate::request::{Fate, Requests};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// A value, by its place among those of its register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ValueId(pub(crate) u32);

/// What a register holds before the first write, and after a deletion.
pub(crate) const ABSENT: ValueId = ValueId(0);
/// Stands for all values that nobody saw.
pub(crate) const UNSEEN: ValueId = ValueId(u32::MAX);

/// What an operation does to the register, or says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It holds this.
    Read(ValueId),
    /// It does not hold this: a compare-and-set did not match.
    Mismatch(ValueId),
    /// From now on it holds this.
    Write(ValueId),
    /// It held this, and holds that from now on.
    Swap(ValueId, ValueId),
}

/// An operation that was done between its question and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Definite {
    pub(crate) step: Step,
    pub(crate) asked: Instant,
    pub(crate) answered: Instant,
    /// Where to look first; never believed.
    pub(crate) revision: Option<Revision>,
    pub(crate) line: LineNumber,
    /// Whether it is a write that nobody noticed.
    pub(crate) silent: bool,
}

/// An operation that may have been done at any time after its question, or never.
#[derive(Clone, Debug)]
pub(crate) struct Optional {
    pub(crate) step: Step,
    pub(crate) asked: Instant,
}

/// All that happened to one register.
#[derive(Clone, Debug, Default)]
pub(crate) struct Register {
    /// In the order of their questions.
    pub(crate) definite: Vec<Definite>,
    /// In the order of their questions.
    pub(crate) optional: Vec<Optional>,
}

/// The registers of a history by key.
pub(crate) fn registers<'a>(
    history: &'a History,
    requests: &Requests<'a>,
    findings: &mut Findings,
) -> BTreeMap<&'a str, Register> {
    let mut building: BTreeMap<&str, Building<'_>> = BTreeMap::new();
    for request in &requests.all {
        let asked_for = request.asked_for();
        if !is_register_write(asked_for.function) || !requests.is_possible(request) {
            continue;
        }
        let key = asked_for.key_or_empty();
        let register = building.entry(key).or_default();
        let added = match request.fate() {
            Fate::Done(told) => register.definite(told, request.asked()),
            Fate::Unknown => register.optional(asked_for, request.asked()),
            Fate::Refused => Some(()),
        };
        if added.is_none() {
            findings.misshapen(request.line(), "proper input and output");
        }
    }
    for told in history.operations.iter().filter(|told| is_linearizable_read(&told.said)) {
        let key = told.said.key_or_empty();
        if building.entry(key).or_default().definite(told, told.said.asked).is_none() {
            findings.misshapen(told.line, "output");
        }
    }
    building.into_iter().map(|(key, building)| (key, building.register.pruned())).collect()
}

fn is_register_write(function: Function) -> bool {
    matches!(function, Function::Write | Function::Delete | Function::Cas)
}

fn is_linearizable_read(operation: &Operation) -> bool {
    operation.function == Function::Read && operation.is_ok() && operation.is_linearizable()
}

/// A register and the numbers of its values.
#[derive(Debug, Default)]
struct Building<'a> {
    values: HashMap<&'a Value, ValueId>,
    register: Register,
}

impl<'a> Building<'a> {
    /// `None` if its shape is not that of its kind.
    fn definite(&mut self, told: &'a Numbered<Operation>, asked: Instant) -> Option<()> {
        let operation = &told.said;
        let output = operation.output.as_ref();
        let step = if operation.function == Function::Read {
            Step::Read(self.value(output?))
        } else {
            match (self.change(operation)?, output) {
                (Step::Swap(old, _), Some(Value::Bool(false))) => Step::Mismatch(old),
                (Step::Swap(..), output) if output != Some(&Value::Bool(true)) => return None,
                (change, _) => change,
            }
        };
        let answered = operation.answered.expect("what is certain was answered");
        let (revision, line) = (operation.revision, told.line);
        let definite = Definite { step, asked, answered, revision, line, silent: false };
        self.register.definite.push(definite);
        Some(())
    }

    fn optional(&mut self, operation: &'a Operation, asked: Instant) -> Option<()> {
        let step = self.change(operation)?;
        self.register.optional.push(Optional { step, asked });
        Some(())
    }

    fn change(&mut self, operation: &'a Operation) -> Option<Step> {
        if operation.function == Function::Delete {
            return Some(Step::Write(ABSENT));
        }
        let input = operation.input.as_ref()?;
        if operation.function == Function::Write {
            return Some(Step::Write(self.value(input)));
        }
        Some(Step::Swap(self.value(input.get("old")?), self.value(input.get("new")?)))
    }

    fn value(&mut self, value: &'a Value) -> ValueId {
        if value.is_null() {
            return ABSENT;
        }
        let next = u32::try_from(self.values.len()).expect("a history has fewer lines") + 1;
        *self.values.entry(value).or_insert(ValueId(next))
    }
}

impl Register {
    /// Leaves out what nobody can have noticed, marks writes of which the same is true, and makes one value of all that
    /// nobody saw.
    pub(crate) fn pruned(mut self) -> Self {
        self.definite.sort_by_key(|definite| definite.asked);
        self.optional.sort_by_key(|optional| optional.asked);
        let seen = Seen::of(&self);
        for definite in &mut self.definite {
            definite.step = seen.seen_of(definite.step, definite.asked);
            definite.silent =
                definite.step == Step::Write(UNSEEN) && !seen.is_noticed(definite.asked);
        }
        for optional in &mut self.optional {
            optional.step = seen.seen_of(optional.step, optional.asked);
        }
        self.optional.retain(|optional| match optional.step {
            Step::Write(UNSEEN) | Step::Swap(_, UNSEEN) => seen.is_noticed(optional.asked),
            Step::Write(_) | Step::Swap(..) => true,
            Step::Read(_) | Step::Mismatch(_) => false,
        });
        self
    }
}

/// Until when which value was named, and until when any was noticed.
#[derive(Debug, Default)]
struct Seen {
    last: BTreeMap<ValueId, Instant>,
    /// A mismatch may have noticed anything.
    last_mismatch: Option<Instant>,
}

impl Seen {
    fn of(register: &Register) -> Self {
        let mut seen = Self::default();
        for definite in &register.definite {
            match definite.step {
                Step::Read(value) | Step::Swap(value, _) => seen.note(value, definite.answered),
                Step::Mismatch(value) => {
                    seen.note(value, definite.answered);
                    seen.last_mismatch = seen.last_mismatch.max(Some(definite.answered));
                }
                Step::Write(_) => {}
            }
        }
        for optional in &register.optional {
            match optional.step {
                Step::Swap(value, _) => seen.note(value, Instant(u64::MAX)),
                Step::Read(_) | Step::Mismatch(_) | Step::Write(_) => {}
            }
        }
        seen
    }

    fn note(&mut self, value: ValueId, at: Instant) {
        let last = self.last.entry(value).or_insert(at);
        *last = at.max(*last);
    }

    /// The step with its new value, if that was named since it was asked.
    fn seen_of(&self, step: Step, asked: Instant) -> Step {
        let seen = |value: ValueId| {
            let was_named = self.last.get(&value).is_some_and(|last| *last >= asked);
            if was_named { value } else { UNSEEN }
        };
        match step {
            Step::Write(value) => Step::Write(seen(value)),
            Step::Swap(old, new) => Step::Swap(old, seen(new)),
            Step::Read(_) | Step::Mismatch(_) => step,
        }
    }

    fn is_noticed(&self, asked: Instant) -> bool {
        self.last_mismatch >= Some(asked)
    }
}
