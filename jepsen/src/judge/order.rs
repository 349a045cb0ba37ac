//! Revisions are one order of all writes, and time agrees with it: a write that was asked when another was already
//! acknowledged has the higher revision.

use crate::judge::violation::{Violation, describe};
use crate::load::record::{Fate, WriteRecord};
use regent_check::history::line::Instant;

/// An acknowledged write on the clock of the load.
#[derive(Clone, Copy)]
struct Told<'a> {
    write: &'a WriteRecord,
    /// When it was asked for the first time: it may have been applied from then on.
    asked: Instant,
    /// When its acknowledgement came.
    over: Instant,
    revision: u64,
}

/// Compares the revisions of writes of one load, whose times are on one clock.
#[must_use]
pub fn judge(writes: &[WriteRecord]) -> Vec<Violation> {
    let mut asked: Vec<_> = writes.iter().filter_map(told).collect();
    let mut over = asked.clone();
    asked.sort_by_key(|told| told.asked);
    over.sort_by_key(|told| told.over);
    let mut over = over.into_iter().peekable();
    let mut highest: Option<Told<'_>> = None;
    let mut violations = Vec::new();
    for told in asked {
        while let Some(earlier) = over.next_if(|earlier| earlier.over < told.asked) {
            if highest.is_none_or(|highest| highest.revision < earlier.revision) {
                highest = Some(earlier);
            }
        }
        let before = highest.filter(|highest| highest.revision >= told.revision);
        violations.extend(before.map(|before| Violation::Reordered {
            write: describe(told.write),
            revision: told.revision,
            before: describe(before.write),
            higher: before.revision,
        }));
    }
    violations
}

fn told(write: &WriteRecord) -> Option<Told<'_>> {
    let (Some(first), Some(last)) = (write.attempts.first(), write.attempts.last()) else {
        return None;
    };
    match write.fate {
        Fate::Acknowledged { revision, .. } => {
            Some(Told { write, asked: first.asked, over: last.over, revision })
        }
        Fate::Refused { .. } | Fate::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::judge::violation::Violation;
    use crate::load::record::{AttemptRecord, Fate, Noun, WriteRecord};
    use regent_check::history::line::{Instant, Process};

    /// A write with these attempts (from, to) that was acknowledged at `revision`.
    fn write(attempts: &[(u64, u64)], revision: u64) -> WriteRecord {
        let fate = Fate::Acknowledged { revision, object: 1 };
        let attempt = |(asked, over): &(u64, u64)| AttemptRecord {
            process: Process(1),
            node: "r1".into(),
            asked: Instant(*asked),
            over: Instant(*over),
            fate: fate.clone(),
            code: None,
        };
        WriteRecord {
            mark: format!("c-{revision}"),
            noun: Noun::Machine,
            target: None,
            key: None,
            attempts: attempts.iter().map(attempt).collect(),
            fate: fate.clone(),
            address: None,
        }
    }

    #[test]
    fn write_asked_after_an_acknowledgement_has_the_higher_revision() {
        let (first, other) = (write(&[(10, 20)], 7), write(&[(1, 90)], 3));
        assert_eq!(judge(&[write(&[(30, 40)], 8), other.clone(), first.clone()]), []);
        let reordered = judge(&[write(&[(30, 40)], 6), other.clone(), first.clone()]);
        assert!(matches!(reordered[..], [Violation::Reordered { revision: 6, higher: 7, .. }]));
        let shared = judge(&[write(&[(30, 40)], 7), other, first]);
        assert!(matches!(shared[..], [Violation::Reordered { .. }]));
    }

    #[test]
    fn write_may_have_been_applied_at_its_first_attempt() {
        assert_eq!(judge(&[write(&[(10, 20)], 7), write(&[(15, 25), (30, 40)], 6)]), []);
    }
}
