//! Operations, as many as a page can bear.
//!
//! All that are not `ok`, and all that a violation points at, are there whatever their number, up to [`OTHERS_MAX`]. Of
//! the rest [`OK_MAX`] are: first those around what the page opens at, then of each kind the same number, evenly spread.

use crate::report::word;
use crate::timeline::lanes::Lanes;
use crate::timeline::scale::{Micros, Scale};
use regent_check::history::line::{Function, Operation, Verdict};
use regent_check::history::reader::{History, Numbered};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Operations shown of those that went well.
pub const OK_MAX: usize = 20_000;
/// Operations shown of those that did not; above that, they are thinned out as well.
pub const OTHERS_MAX: usize = 20_000;
/// Letters told of what was asked and answered.
pub const WHAT_LETTERS_MAX: usize = 160;

/// One operation. Field names are those of the format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tick {
    /// Its lane.
    pub lane: usize,
    /// Who asked.
    pub p: u64,
    /// What.
    pub f: String,
    /// What became of it.
    pub r: String,
    /// When it was asked.
    pub t0: Micros,
    /// When it was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t1: Option<Micros>,
    /// The line of the history.
    pub line: u64,
    /// Key, question and answer.
    pub what: String,
}

/// Those that are shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ticks {
    /// In the order of the history.
    pub shown: Vec<Tick>,
    /// How many there are.
    pub all: usize,
    /// How many of them did not go well, and are not shown.
    pub others_left_out: usize,
}

/// Chooses what is shown. `lines` are those a violation points at; `around` is what the page opens at.
#[must_use]
pub fn ticks(
    history: &History,
    lanes: &Lanes,
    scale: &Scale,
    lines: &BTreeSet<u64>,
    around: (Micros, Micros),
) -> Ticks {
    let mut chosen = BTreeSet::new();
    let (mut others, mut near, mut rest) = (Vec::new(), Vec::new(), BTreeMap::new());
    for told in &history.operations {
        let asked = scale.at(told.said.asked);
        if lines.contains(&told.line.0) {
            chosen.insert(told.line.0);
        } else if told.said.verdict != Verdict::Ok {
            others.push(told.line.0);
        } else if (around.0..=around.1).contains(&asked) {
            near.push(told.line.0);
        } else {
            rest.entry(told.said.function).or_insert_with(Vec::new).push(told.line.0);
        }
    }
    let others_shown = spread(&others, OTHERS_MAX);
    let others_left_out = others.len() - others_shown.len();
    let near = spread(&near, OK_MAX);
    let rest = fairly(rest, OK_MAX - near.len());
    chosen.extend(others_shown.into_iter().chain(near).chain(rest));
    let shown = history.operations.iter().filter(|told| chosen.contains(&told.line.0));
    let shown = shown.map(|told| tick(told, lanes, scale)).collect();
    Ticks { shown, all: history.operations.len(), others_left_out }
}

/// At most so many, with the same number left out between any two.
fn spread(lines: &[u64], most: usize) -> Vec<u64> {
    let shown = lines.len().min(most);
    (0..shown).map(|place| lines[place * lines.len() / shown]).collect()
}

/// The same number of each kind; what rare kinds do not use is left to the others.
fn fairly(kinds: BTreeMap<Function, Vec<u64>>, most: usize) -> Vec<u64> {
    let mut kinds: Vec<_> = kinds.into_values().collect();
    kinds.sort_by_key(Vec::len);
    let (mut left, mut shown) = (most, Vec::new());
    let shares = (1..=kinds.len()).rev();
    for (lines, sharers) in kinds.iter().zip(shares) {
        let some = spread(lines, left / sharers);
        left -= some.len();
        shown.extend(some);
    }
    shown
}

fn tick(told: &Numbered<Operation>, lanes: &Lanes, scale: &Scale) -> Tick {
    let operation = &told.said;
    Tick {
        lane: lanes.lane(operation.node.as_deref()),
        p: operation.process.0,
        f: word(&operation.function),
        r: word(&operation.verdict),
        t0: scale.at(operation.asked),
        t1: operation.answered.map(|answered| scale.at(answered)),
        line: told.line.0,
        what: shortened(&what(operation), WHAT_LETTERS_MAX),
    }
}

fn what(operation: &Operation) -> String {
    let mut what = operation.key_or_empty().to_owned();
    if let Some(input) = &operation.input {
        what += &format!(" {input}");
    }
    if let Some(output) = &operation.output {
        what += &format!(" → {output}");
    }
    if let Some(revision) = operation.revision {
        what += &format!(" at revision {}", revision.0);
    }
    what
}

/// The beginning of a text, with a sign if it is not all of it.
#[must_use]
pub fn shortened(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{fairly, shortened, spread};
    use regent_check::history::line::Function;
    use std::collections::BTreeMap;

    #[test]
    fn what_is_left_out_is_left_out_evenly() {
        let lines: Vec<u64> = (0..100).collect();
        assert_eq!(spread(&lines, 4), [0, 25, 50, 75]);
        assert_eq!(spread(&lines, 100), lines);
        assert_eq!(spread(&[], 4), Vec::<u64>::new());
        assert_eq!(spread(&lines, 0), Vec::<u64>::new());
    }

    #[test]
    fn rare_kinds_are_shown_whole_and_common_ones_share_what_is_left() {
        let kinds = BTreeMap::from([
            (Function::Read, (0..1000).collect()),
            (Function::Add, (1000..1500).collect()),
            (Function::Watch, vec![5000, 5001]),
        ]);
        let shown = fairly(kinds, 100);
        let of =
            |range: std::ops::Range<u64>| shown.iter().filter(|line| range.contains(line)).count();
        assert_eq!([of(5000..5002), of(0..1000), of(1000..1500)], [2, 49, 49]);
    }

    #[test]
    fn long_text_is_cut_between_letters() {
        assert_eq!(shortened("äöü", 2), "äö…");
        assert_eq!(shortened("äöü", 3), "äöü");
    }
}
