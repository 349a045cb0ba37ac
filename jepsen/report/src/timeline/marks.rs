//! Violations, where they are in time, with the lines of the history that show them.

use crate::report::Case;
use crate::timeline::scale::{Micros, Scale};
use crate::timeline::ticks::shortened;
use regent_check::history::line::{Function, Note, Operation, Phase};
use regent_check::history::reader::History;
use serde::Serialize;
use std::collections::BTreeMap;

/// Letters told of a line.
pub const LINE_LETTERS_MAX: usize = 1_500;
/// What the page opens at is so long, in microseconds.
const OPENED: u64 = 5_000_000;
/// Or so long at least.
const LAST_MIN: Micros = Micros(1_000);

/// A violation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Of which property.
    pub property: String,
    /// What happened.
    pub sentence: String,
    /// When the last of its lines was asked; final reads, which only tell what came of it, count if there is nothing
    /// else. `None` if nothing in the history shows it.
    pub at: Option<Micros>,
    /// What shows it.
    pub lines: Vec<Shown>,
}

/// A line that shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Which line.
    pub line: u64,
    /// What it says.
    pub text: String,
    /// When it was, if it tells.
    pub at: Option<Micros>,
}

/// The marks of all cases that are told.
#[must_use]
pub fn marks(history: &History, cases: &[Case], scale: &Scale) -> Vec<Mark> {
    let lines = Lines::of(history);
    let mark = |case: &Case| {
        let shown: Vec<_> = case.lines.iter().map(|line| lines.shown(*line, scale)).collect();
        Mark {
            property: case.property.clone(),
            sentence: shortened(&case.sentence, LINE_LETTERS_MAX),
            at: lines.shows(case).map(|operation| scale.at(operation.asked)),
            lines: shown,
        }
    };
    cases.iter().map(mark).collect()
}

/// What the page opens at: five seconds around the first violation, else the time in which something was asked.
#[must_use]
pub fn opened(history: &History, marks: &[Mark], scale: &Scale) -> (Micros, Micros) {
    let length = scale.length();
    let operations = history.operations.iter().map(|told| &told.said);
    // Digests are read when everything is over, and what comes between is not to be looked at.
    let asked = operations.filter(|operation| operation.function != Function::Digest);
    let last = asked.filter_map(|operation| operation.answered).max();
    let last = last.map_or(length, |last| scale.at(last).max(LAST_MIN).min(length));
    match marks.iter().filter_map(|mark| mark.at).min() {
        Some(at) if length.0 > OPENED => {
            let from = at.0.saturating_sub(OPENED / 2).min(length.0 - OPENED);
            (Micros(from), Micros(from + OPENED))
        }
        Some(_) => (Micros(0), length),
        None => (Micros(0), last),
    }
}

/// Lines by their number.
struct Lines<'a> {
    operations: BTreeMap<u64, &'a Operation>,
    notes: BTreeMap<u64, &'a Note>,
}

impl<'a> Lines<'a> {
    fn of(history: &'a History) -> Self {
        let operations = history.operations.iter().map(|told| (told.line.0, &told.said));
        let notes = history.notes.iter().map(|told| (told.line.0, &told.said));
        Self { operations: operations.collect(), notes: notes.collect() }
    }

    /// The last operation of those that show a case, final ones aside.
    fn shows(&self, case: &Case) -> Option<&'a Operation> {
        let operations = case.lines.iter().filter_map(|line| self.operations.get(line).copied());
        operations.max_by_key(|operation| (operation.phase != Phase::Final, operation.asked))
    }

    fn shown(&self, line: u64, scale: &Scale) -> Shown {
        let operation = self.operations.get(&line);
        let note = self.notes.get(&line);
        let text = match (operation, note) {
            (Some(operation), _) => serde_json::to_string(operation),
            (None, Some(note)) => serde_json::to_string(note),
            (None, None) => Ok("this line is not in the history".to_owned()),
        };
        let text = text.expect("what was read from JSON is JSON");
        let at = operation.map(|operation| scale.at(operation.asked));
        Shown { line, text: shortened(&text, LINE_LETTERS_MAX), at }
    }
}
