//! Is there an order of the operations on a register that explains every answer? Wing and Gong's search, with
//! Lowe's memory of where it has been.
//!
//! Some things keep it small, and none of them changes what it finds:
//! - A read that fits is taken at once, since it changes nothing.
//! - A write that nobody noticed is taken right before another one.
//! - Of operations that do the same, the one that has to be over first is taken first.
//! - What nobody was told of is taken only if its value is wanted by somebody who is waiting,
//!   and not again if the same was reached with less.
//! - Revisions tell which branch to try first.

use crate::history::line::Instant;
use crate::history::reader::LineNumber;
use crate::property::linearizable::register::{ABSENT, Definite, Register, Step, UNSEEN, ValueId};
use std::collections::HashMap;

/// What a search came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Searched {
    /// There is such an order.
    Linearizable,
    /// There is none.
    Impossible(Stuck),
    /// There may be one, but looking for it takes too long.
    GaveUp,
}

/// Where the search that got furthest could not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stuck {
    /// Operations that had their place.
    pub(crate) placed: usize,
    /// The operations of which one had to come next; first the one that was answered first.
    pub(crate) open: Vec<LineNumber>,
}

/// Searches, and gives up once it has been in so many places.
pub(crate) fn search(register: &Register, configurations_max: usize) -> Searched {
    let mut stack = vec![Configuration::default()];
    let mut visited = Visited::default();
    let mut furthest = Configuration::default();
    while let Some(mut configuration) = stack.pop() {
        register.take_reads(&mut configuration);
        if configuration.first == register.definite.len() {
            return Searched::Linearizable;
        }
        if visited.covers(&configuration) {
            continue;
        }
        if visited.number == configurations_max {
            return Searched::GaveUp;
        }
        stack.extend(register.successors(&configuration).into_iter().rev());
        if furthest.placed() < configuration.placed() {
            furthest = configuration.clone();
        }
        visited.add(configuration);
    }
    Searched::Impossible(register.stuck(&furthest))
}

/// Where the search has been.
#[derive(Debug, Default)]
struct Visited {
    /// By what was placed and its value: the optional operations that had been taken.
    taken: HashMap<(usize, Vec<usize>, ValueId), Vec<Vec<usize>>>,
    number: usize,
}

impl Visited {
    /// Whether it has been there, or where less was taken for the same.
    fn covers(&self, configuration: &Configuration) -> bool {
        let Configuration { first, ahead, taken, value } = configuration;
        // A clone, since a key of borrowed parts would need a type of its own.
        let known = self.taken.get(&(*first, ahead.clone(), *value));
        known.is_some_and(|known| known.iter().any(|less| is_part(less, taken)))
    }

    fn add(&mut self, configuration: Configuration) {
        let Configuration { first, ahead, taken, value } = configuration;
        self.taken.entry((first, ahead, value)).or_default().push(taken);
        self.number += 1;
    }
}

/// Whether all of `part` are in `whole`; both ascending.
fn is_part(part: &[usize], whole: &[usize]) -> bool {
    let mut whole = whole.iter();
    part.iter().all(|one| whole.any(|other| other == one))
}

/// A set of operations that have their place, and the value that the last of them left.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Configuration {
    /// All definite operations before this one have their place.
    first: usize,
    /// Of the later ones these, ascending.
    ahead: Vec<usize>,
    /// Optional operations that have theirs, ascending.
    taken: Vec<usize>,
    value: ValueId,
}

impl Default for Configuration {
    fn default() -> Self {
        Self { first: 0, ahead: Vec::new(), taken: Vec::new(), value: ABSENT }
    }
}

impl Configuration {
    fn is_placed(&self, place: usize) -> bool {
        place < self.first || self.ahead.binary_search(&place).is_ok()
    }

    fn placed(&self) -> usize {
        self.first + self.ahead.len()
    }

    fn place(&mut self, place: usize) {
        let at = self.ahead.partition_point(|other| *other < place);
        self.ahead.insert(at, place);
        let reached = (self.first..).zip(&self.ahead).take_while(|(next, place)| next == *place);
        let reached = reached.count();
        self.ahead.drain(..reached);
        self.first += reached;
    }

    fn take(&mut self, optional: usize) {
        let at = self.taken.partition_point(|other| *other < optional);
        self.taken.insert(at, optional);
    }

    fn with(&self, place: usize, value: ValueId) -> Self {
        let mut next = Self { value, ..self.clone() };
        next.place(place);
        next
    }

    fn with_optional(&self, optional: usize, value: ValueId) -> Self {
        let mut next = Self { value, ..self.clone() };
        next.take(optional);
        next
    }
}

/// Who may come next.
struct Open {
    /// Definite operations that were asked before any other one that is left was answered; in the order of answers.
    definite: Vec<usize>,
    /// When the first of them was answered: what was asked later has to wait.
    due: Instant,
}

impl Register {
    fn open(&self, configuration: &Configuration) -> Open {
        let mut open = Open { definite: Vec::new(), due: Instant(u64::MAX) };
        for (place, definite) in self.definite.iter().enumerate().skip(configuration.first) {
            if definite.asked > open.due {
                break;
            }
            if !configuration.is_placed(place) {
                open.due = open.due.min(definite.answered);
                open.definite.push(place);
            }
        }
        open.definite.sort_by_key(|place| self.definite[*place].answered);
        open
    }

    fn take_reads(&self, configuration: &mut Configuration) {
        loop {
            let mut open = self.open(configuration).definite;
            open.retain(|place| self.definite[*place].step.fits(configuration.value));
            if open.is_empty() {
                return;
            }
            open.into_iter().for_each(|place| configuration.place(place));
        }
    }

    /// Where one can go from here, the most promising first.
    fn successors(&self, from: &Configuration) -> Vec<Configuration> {
        let open = self.open(from);
        let mut after_silent = from.clone();
        for place in open.definite.iter().filter(|place| self.definite[**place].silent) {
            after_silent.place(*place);
        }
        let mut tried: Vec<Step> = Vec::new();
        let mut successors = Vec::new();
        for place in &open.definite {
            let definite = &self.definite[*place];
            // Of several that do the same, the one that was answered first comes first.
            if !tried.contains(&definite.step) {
                tried.push(definite.step);
                let successor = self.successor(from, &after_silent, *place);
                successors.extend(successor.map(|next| (definite.promise(), next)));
            }
        }
        successors.sort_by_key(|(promise, _)| *promise);
        let mut successors: Vec<_> = successors.into_iter().map(|(_, next)| next).collect();
        if after_silent != *from {
            successors.push(Configuration { value: UNSEEN, ..after_silent.clone() });
        }
        successors.extend(self.optional_successors(from, &after_silent, &open));
        successors
    }

    fn successor(
        &self,
        from: &Configuration,
        after_silent: &Configuration,
        place: usize,
    ) -> Option<Configuration> {
        let definite = &self.definite[place];
        match definite.step {
            Step::Write(_) if definite.silent => None,
            Step::Write(value) => Some(after_silent.with(place, value)),
            Step::Swap(old, new) => (old == from.value).then(|| from.with(place, new)),
            Step::Read(_) | Step::Mismatch(_) => None,
        }
    }

    fn optional_successors(
        &self,
        from: &Configuration,
        after_silent: &Configuration,
        open: &Open,
    ) -> Vec<Configuration> {
        let asked = self.optional.iter().take_while(|optional| optional.asked <= open.due);
        let mut tried: Vec<Step> = Vec::new();
        let mut successors = Vec::new();
        for (place, optional) in asked.enumerate() {
            // Of several that do the same, one is as good as another.
            if from.taken.binary_search(&place).is_ok() || tried.contains(&optional.step) {
                continue;
            }
            tried.push(optional.step);
            let (base, value) = match optional.step {
                Step::Write(value) => (after_silent, value),
                Step::Swap(old, new) if old == from.value => (from, new),
                Step::Swap(..) | Step::Read(_) | Step::Mismatch(_) => continue,
            };
            if value != from.value && self.is_wanted(value, open) {
                successors.push(base.with_optional(place, value));
            }
        }
        successors
    }

    /// Whether somebody who is waiting, or may be, needs this value.
    fn is_wanted(&self, value: ValueId, open: &Open) -> bool {
        let waits = |step: Step| match step {
            Step::Read(_) | Step::Mismatch(_) => step.fits(value),
            Step::Swap(old, _) => old == value,
            Step::Write(_) => false,
        };
        open.definite.iter().any(|place| waits(self.definite[*place].step))
            || self.optional.iter().any(|optional| waits(optional.step))
    }

    fn stuck(&self, at: &Configuration) -> Stuck {
        let open = self.open(at).definite.into_iter().map(|place| self.definite[place].line);
        let open = open.collect();
        Stuck { placed: at.placed(), open }
    }
}

impl Step {
    /// Whether it changes nothing and can be said of this value.
    fn fits(self, value: ValueId) -> bool {
        match self {
            Self::Read(read) => read == value,
            Self::Mismatch(old) => old != value,
            Self::Write(_) | Self::Swap(..) => false,
        }
    }
}

impl Definite {
    /// What has the lowest revision probably came first; where there is none, what was answered first.
    fn promise(&self) -> (u64, Instant) {
        (self.revision.map_or(u64::MAX, |revision| revision.0), self.answered)
    }
}
