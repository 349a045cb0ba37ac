//! Whether this replica still equals the others (DESIGN D21): the digests it had, and what the verdict on them means.
//!
//! Pure bookkeeping. Who asks, who counts and what follows is the region's.

use regent_core::command::digest::DigestCommand;
use regent_core::revision::Revision;
use regent_core::state::digest::Digest;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use tokio::sync::watch;

/// Checks a replica remembers: a verdict comes long before the eighth check after it.
const CHECKS_KEPT: usize = 8;

/// What the comparison says of this replica.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Agreement {
    /// It equals the majority, as far as anybody has found out, or there is none.
    #[default]
    Agrees,
    /// It differs from the majority.
    Diverged,
}

/// The digests one replica had at the last checks.
#[derive(Debug, Default)]
pub struct DigestChecks {
    kept: Mutex<VecDeque<(Revision, Digest)>>,
    agreement: watch::Sender<Agreement>,
}

impl DigestChecks {
    /// Takes note of an applied step; `digest` is the state's after it.
    pub fn applied(&self, command: &DigestCommand, revision: Revision, digest: Digest) {
        match command {
            DigestCommand::Check => {
                let mut kept = self.kept.lock().expect("no panic happens under this lock");
                kept.push_back((revision, digest));
                if kept.len() > CHECKS_KEPT {
                    kept.pop_front();
                }
            }
            DigestCommand::Verdict { checked, digest } => self.judge(*checked, *digest),
        }
    }

    /// The digests this replica had, oldest first.
    #[must_use]
    pub fn kept(&self) -> Vec<(Revision, Digest)> {
        self.kept.lock().expect("no panic happens under this lock").iter().copied().collect()
    }

    /// Follows what the comparison says.
    #[must_use]
    pub fn agreement(&self) -> watch::Receiver<Agreement> {
        self.agreement.subscribe()
    }

    fn judge(&self, checked: Revision, majority: Option<Digest>) {
        let own = self.kept().into_iter().find(|(revision, _)| *revision == checked);
        match (own, majority) {
            // For good: what it holds does not heal.
            (Some((_, own)), Some(majority)) if own != majority => {
                self.agreement.send_replace(Agreement::Diverged);
            }
            // A replica that was not there at the check has its state from one that was. That there is no majority is
            // known to the state itself.
            (Some(_) | None, Some(_) | None) => {}
        }
    }
}

/// What the digests of all voters amount to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tally {
    /// Too few answered to tell.
    NothingToSay,
    /// All voters answered, with this digest.
    Unanimous(Digest),
    /// This digest has a majority of all voters, and somebody differs.
    Majority(Digest),
    /// All answered and no digest has a majority.
    NoMajority,
}

/// Counts the digests that `voters` voters had at one check; those that did not answer are absent.
#[must_use]
pub fn tally(digests: &[Digest], voters: usize) -> Tally {
    let mut counts = BTreeMap::<[u8; 32], (Digest, usize)>::new();
    for digest in digests {
        counts.entry(digest.to_bytes()).or_insert((*digest, 0)).1 += 1;
    }
    if counts.len() < 2 {
        let all = digests.len() >= voters;
        return digests
            .first()
            .filter(|_| all)
            .map_or(Tally::NothingToSay, |d| Tally::Unanimous(*d));
    }
    match counts.values().find(|(_, count)| count * 2 > voters) {
        Some((digest, _)) => Tally::Majority(*digest),
        None if digests.len() >= voters => Tally::NoMajority,
        None => Tally::NothingToSay,
    }
}

#[cfg(test)]
mod tests {
    use super::{Agreement, DigestChecks, Tally, tally};
    use regent_core::command::digest::DigestCommand;
    use regent_core::revision::Revision;
    use regent_core::state::digest::Digest;

    fn digest(number: u8) -> Digest {
        Digest::of_row(number, &[], &[])
    }

    fn checked_at(revision: u64, own: Digest) -> DigestChecks {
        let checks = DigestChecks::default();
        checks.applied(&DigestCommand::Check, Revision(revision), own);
        checks
    }

    fn verdict(checks: &DigestChecks, checked: u64, digest: Option<Digest>) -> Agreement {
        let verdict = DigestCommand::Verdict { checked: Revision(checked), digest };
        checks.applied(&verdict, Revision(checked + 1), Digest::default());
        *checks.agreement().borrow()
    }

    #[test]
    fn replica_that_differs_from_the_majority_has_diverged_for_good() {
        let checks = checked_at(5, digest(1));
        assert_eq!(verdict(&checks, 5, Some(digest(2))), Agreement::Diverged);
        assert_eq!(verdict(&checks, 5, Some(digest(1))), Agreement::Diverged);
    }

    #[test]
    fn without_a_majority_no_replica_has_diverged() {
        let checks = checked_at(5, digest(1));
        assert_eq!(verdict(&checks, 5, None), Agreement::Agrees);
    }

    #[test]
    fn verdict_on_a_check_this_replica_has_not_seen_says_nothing_against_it() {
        let checks = checked_at(5, digest(1));
        assert_eq!(verdict(&checks, 4, Some(digest(2))), Agreement::Agrees);
    }

    #[test]
    fn majority_counts_voters_not_answers() {
        let [a, b, c] = [1, 2, 3].map(digest);
        assert_eq!(tally(&[a, a, a], 3), Tally::Unanimous(a));
        assert_eq!(tally(&[a, a], 3), Tally::NothingToSay);
        assert_eq!(tally(&[a, a, b], 3), Tally::Majority(a));
        assert_eq!(tally(&[a, b], 3), Tally::NothingToSay);
        assert_eq!(tally(&[a, b, c], 3), Tally::NoMajority);
        assert_eq!(tally(&[a, a, b], 5), Tally::NothingToSay);
        assert_eq!(tally(&[], 3), Tally::NothingToSay);
    }
}
