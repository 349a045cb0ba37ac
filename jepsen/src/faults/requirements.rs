//! What a run must have seen to mean anything: a fault that nobody noticed, or a kind of write that never went through,
//! proves nothing.

use crate::load::record::{Fate, Noun, WriteRecord};
use std::collections::BTreeSet;

/// Per cent of the acknowledged writes that must come in through followers.
pub const FOLLOWER_PERCENT_WANTED: usize = 60;

/// What a phase saw.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// All writes.
    pub writes: &'a [WriteRecord],
    /// Per cent of the acknowledged ones that came in through followers.
    pub follower_percent: usize,
    /// Entries of the committed log that only repeat an earlier one; `None` where there need not be any.
    pub repetitions: Option<usize>,
}

/// What it should have seen and did not, in words.
#[must_use]
pub fn unmet(seen: &Seen<'_>) -> Vec<String> {
    let mut unmet = kinds_never_acknowledged(seen.writes);
    if seen.repetitions == Some(0) {
        unmet.push(
            "no write came to the log twice, so that nothing shows it is applied once".into(),
        );
    }
    if seen.follower_percent < FOLLOWER_PERCENT_WANTED {
        unmet.push(format!(
            "{} % of the writes came in through followers, less than {FOLLOWER_PERCENT_WANTED}",
            seen.follower_percent
        ));
    }
    unmet
}

fn kinds_never_acknowledged(writes: &[WriteRecord]) -> Vec<String> {
    let acknowledged =
        writes.iter().filter(|write| matches!(write.fate, Fate::Acknowledged { .. }));
    let seen: BTreeSet<_> =
        acknowledged.map(|write| (write.noun, write.target.is_some())).collect();
    let kinds = Noun::ALL.into_iter().flat_map(|noun| [(noun, false), (noun, true)]);
    let never = kinds.filter(|kind| !seen.contains(kind));
    let told = |(noun, is_change): (Noun, bool)| {
        let verb = if is_change { "change of a" } else { "new" };
        format!("no {verb} {} was acknowledged", noun.name())
    };
    never.map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::{Seen, unmet};
    use crate::load::record::{Fate, Noun, WriteRecord};

    fn acknowledged(noun: Noun, target: Option<u64>) -> WriteRecord {
        let fate = Fate::Acknowledged { revision: 1, object: 1 };
        WriteRecord {
            mark: "c-1".into(),
            noun,
            target,
            key: None,
            attempts: Vec::new(),
            fate,
            address: None,
        }
    }

    fn every_kind() -> Vec<WriteRecord> {
        let kinds = Noun::ALL.into_iter().flat_map(|noun| [(noun, None), (noun, Some(1))]);
        kinds.map(|(noun, target)| acknowledged(noun, target)).collect()
    }

    #[test]
    fn each_kind_of_write_must_have_been_acknowledged() {
        let mut writes = every_kind();
        let unmet_by = |writes: &[WriteRecord]| {
            unmet(&Seen { writes, follower_percent: 77, repetitions: Some(1) })
        };
        assert!(unmet_by(&writes).is_empty());
        writes.retain(|write| (write.noun, write.target) != (Noun::Address, None));
        writes[0].fate = Fate::Unknown;
        let told = ["no new machine was acknowledged", "no new address was acknowledged"];
        assert_eq!(unmet_by(&writes), told);
    }

    #[test]
    fn repetitions_and_writes_through_followers_must_be_seen() {
        let writes = every_kind();
        let seen =
            |follower_percent, repetitions| Seen { writes: &writes, follower_percent, repetitions };
        assert_eq!(unmet(&seen(59, Some(3))).len(), 1);
        assert_eq!(unmet(&seen(60, Some(0))).len(), 1);
        assert_eq!(unmet(&seen(60, None)).len(), 0);
    }
}
