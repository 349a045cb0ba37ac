//! Moments of a run as the page counts them: microseconds from its first moment.

use regent_check::history::line::{Instant, Note};
use regent_check::history::reader::History;
use serde::Serialize;

/// Nanoseconds of a microsecond.
const NANOSECONDS: u64 = 1_000;
/// What a picture shows at least.
const LENGTH_MIN: Micros = Micros(1_000);

/// Microseconds from the first moment of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Micros(pub u64);

/// From the clock of the harness to that of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    begins: Instant,
    ends: Instant,
}

impl Scale {
    /// From the first moment that a history tells of to the last.
    #[must_use]
    pub fn of(history: &History) -> Self {
        let operations = history.operations.iter().map(|told| &told.said);
        let asked = operations.clone().map(|operation| operation.asked);
        let answered = operations.filter_map(|operation| operation.answered);
        let noted = history.notes.iter().flat_map(|told| moments(&told.said));
        let all = asked.chain(answered).chain(noted.flatten());
        let ends = |(begins, ends): (Instant, Instant), at: Instant| (begins.min(at), ends.max(at));
        let (begins, ends) = all.fold((Instant(u64::MAX), Instant(0)), ends);
        Self { begins: begins.min(ends), ends }
    }

    /// A moment of the run; what lies before or behind it is its first or last one.
    #[must_use]
    pub fn at(&self, moment: Instant) -> Micros {
        let inside = moment.clamp(self.begins, self.ends);
        Micros((inside.0 - self.begins.0) / NANOSECONDS)
    }

    /// How long the run is; a picture of nothing at all is a millisecond wide.
    #[must_use]
    pub fn length(&self) -> Micros {
        self.at(self.ends).max(LENGTH_MIN)
    }
}

/// When a note says something was.
fn moments(note: &Note) -> [Option<Instant>; 2] {
    match note {
        Note::Fault { began, healed, .. } => [Some(*began), *healed],
        Note::Leader { seen, .. } | Note::Snapshot { seen, .. } => [Some(*seen), None],
        Note::Log { .. } | Note::End => [None, None],
    }
}
