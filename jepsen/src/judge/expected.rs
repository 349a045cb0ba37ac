//! What clients were told, by mark: the one side of every comparison.

use crate::judge::violation::{Violation, describe};
use crate::load::record::{Fate, WriteRecord};
use std::collections::BTreeMap;

/// All writes of a run by their marks.
pub struct Expected<'a> {
    by_mark: BTreeMap<&'a str, &'a WriteRecord>,
}

/// Where and how often a write took effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// How often.
    pub times: usize,
    /// The revision of the first time.
    pub revision: u64,
}

impl<'a> Expected<'a> {
    /// What `writes` lead one to expect.
    #[must_use]
    pub fn new(writes: &'a [WriteRecord]) -> Self {
        Self { by_mark: writes.iter().map(|write| (write.mark.as_str(), write)).collect() }
    }

    /// All writes, by mark.
    pub fn writes(&self) -> impl Iterator<Item = &'a WriteRecord> {
        self.by_mark.values().copied()
    }

    /// The write with this mark.
    #[must_use]
    pub fn get(&self, mark: &str) -> Option<&'a WriteRecord> {
        self.by_mark.get(mark).copied()
    }

    /// Compares every write with its effects, found at `place`.
    #[must_use]
    pub fn judge(&self, effects: &BTreeMap<String, Effect>, place: &str) -> Vec<Violation> {
        let place = place.to_owned();
        let mut violations: Vec<_> = effects
            .keys()
            .filter(|mark| self.get(mark).is_none())
            .map(|mark| Violation::Invented { mark: mark.clone(), place: place.clone() })
            .collect();
        for write in self.writes() {
            let effect = effects.get(&write.mark).copied().unwrap_or_default();
            violations.extend(judge_one(write, effect, &place));
        }
        violations
    }
}

fn judge_one(record: &WriteRecord, effect: Effect, place: &str) -> Option<Violation> {
    let (write, place) = (describe(record), place.to_owned());
    match (&record.fate, effect.times) {
        (Fate::Acknowledged { .. }, 0) => Some(Violation::Lost { write, place }),
        (Fate::Refused { .. }, 1..) => Some(Violation::Undead { write, place }),
        (Fate::Acknowledged { .. } | Fate::Unknown, 2..) => Some(Violation::Twice { write, place }),
        (Fate::Acknowledged { revision, .. }, 1) if *revision != effect.revision => {
            Some(Violation::Revision { write, told: *revision, found: effect.revision })
        }
        (Fate::Acknowledged { .. }, 1) | (Fate::Refused { .. }, 0) | (Fate::Unknown, 0 | 1) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Effect, Expected};
    use crate::judge::violation::Violation;
    use crate::load::record::{Fate, Noun, WriteRecord};
    use std::collections::BTreeMap;

    fn found(fate: Fate, times: usize) -> Vec<Violation> {
        let write = WriteRecord {
            mark: "c-1-1".into(),
            noun: Noun::Machine,
            target: None,
            key: None,
            attempts: Vec::new(),
            fate,
            address: None,
        };
        let effects: BTreeMap<_, _> = (times > 0)
            .then(|| ("c-1-1".to_owned(), Effect { times, revision: 5 }))
            .into_iter()
            .collect();
        Expected::new(&[write]).judge(&effects, "here")
    }

    fn acknowledged(revision: u64) -> Fate {
        Fate::Acknowledged { revision, object: 1 }
    }

    #[test]
    fn acknowledged_write_must_be_there_once_at_its_revision() {
        assert_eq!(found(acknowledged(5), 1), []);
        assert!(matches!(found(acknowledged(5), 0)[..], [Violation::Lost { .. }]));
        assert!(matches!(found(acknowledged(5), 2)[..], [Violation::Twice { .. }]));
        assert!(matches!(found(acknowledged(4), 1)[..], [Violation::Revision { .. }]));
    }

    #[test]
    fn refused_write_must_not_be_there() {
        let refused = || Fate::Refused { why: "no leader".into() };
        assert_eq!(found(refused(), 0), []);
        assert!(matches!(found(refused(), 1)[..], [Violation::Undead { .. }]));
    }

    #[test]
    fn unknown_write_may_be_there_once() {
        assert_eq!(found(Fate::Unknown, 0), []);
        assert_eq!(found(Fate::Unknown, 1), []);
        assert!(matches!(found(Fate::Unknown, 2)[..], [Violation::Twice { .. }]));
    }

    #[test]
    fn what_nobody_wrote_is_reported() {
        let effects = BTreeMap::from([("c-9-9".to_owned(), Effect { times: 1, revision: 1 })]);
        let violations = Expected::new(&[]).judge(&effects, "here");
        assert!(matches!(violations[..], [Violation::Invented { .. }]));
    }
}
