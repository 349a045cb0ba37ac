//! Bugs on purpose: fourteen mistakes that could have been made here, each of which the chaos harness has to find.
//!
//! A harness that never found anything proves nothing. `jepsen/README.md` says where each bug sits and what should notice
//! it. They are there only with the feature `planted-bugs`, which no release has: without it [`is`] is the constant
//! `false`, and the compiler leaves nothing of them.
//!
//! One bug at a time, with one of two reaches. Of a process, chosen by an executable when it starts: a node is many
//! threads, and all of them have to make the same mistake. Of a thread, for simulations and tests: what they run stays on
//! one thread from end to end, and others in the same process have another bug meanwhile, or none. The choice is the only
//! thing in `core` that is not a value; nothing else may be kept this way.

use crate::time::ClusterTime;
use std::fmt;
use std::str::FromStr;
#[cfg(feature = "planted-bugs")]
use std::{cell::Cell, marker::PhantomData, sync::OnceLock};

/// Whether bugs can be planted in this build.
pub const IS_POSSIBLE: bool = cfg!(feature = "planted-bugs");

/// Environment variable by which the executables are told the name of the bug they are to have.
pub const VARIABLE: &str = "REGENT_PLANTED_BUG";

/// A bug that can be planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Planted {
    /// Entries count as durable when they are written; they are synced some milliseconds later.
    AcknowledgeBeforeSync,
    /// A leader answers what its log's committed end is without asking whether it still leads.
    ReadWithoutReadIndex,
    /// A vote counts as durable when it is written, and is synced with the next entries.
    VoteNotSynced,
    /// Whether a lease has run out is decided by the wall clock of each node that applies the entry.
    LeaseExpiryByWallClock,
    /// A snapshot lacks the idempotency keys.
    RequestIdsNotInSnapshot,
    /// A watcher that comes back misses the first change behind what it has seen.
    WatchResumeOffByOne,
    /// A zone that changed gets the seconds of the leader's wall clock as its serial.
    DnsSerialFromLocalClock,
    /// Half of a batch can be read before the other half is there, at the revision of the whole.
    BatchPublishedAsTwoRoots,
    /// A member that was removed goes on as a voter.
    RemovedMemberVotes,
    /// Damage to a snapshot goes unnoticed where it still makes a state.
    SnapshotWithoutChecksum,
    /// A node that installs a snapshot forgets all sessions, and with them which writes were applied.
    SessionsLostAtInstall,
    /// A leader counts cluster time with its wall clock.
    ClusterTimeFromWallClock,
    /// A rack goes on with the rights of before its machine's last boot.
    AutonomyAfterReboot,
    /// The mark of what is durable is synced before the log that it speaks of.
    MarkSyncedBeforeLog,
}

impl Planted {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::AcknowledgeBeforeSync,
        Self::ReadWithoutReadIndex,
        Self::VoteNotSynced,
        Self::LeaseExpiryByWallClock,
        Self::RequestIdsNotInSnapshot,
        Self::WatchResumeOffByOne,
        Self::DnsSerialFromLocalClock,
        Self::BatchPublishedAsTwoRoots,
        Self::RemovedMemberVotes,
        Self::SnapshotWithoutChecksum,
        Self::SessionsLostAtInstall,
        Self::ClusterTimeFromWallClock,
        Self::AutonomyAfterReboot,
        Self::MarkSyncedBeforeLog,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AcknowledgeBeforeSync => "acknowledge-before-sync",
            Self::ReadWithoutReadIndex => "read-without-read-index",
            Self::VoteNotSynced => "vote-not-synced",
            Self::LeaseExpiryByWallClock => "lease-expiry-by-wall-clock",
            Self::RequestIdsNotInSnapshot => "request-ids-not-in-snapshot",
            Self::WatchResumeOffByOne => "watch-resume-off-by-one",
            Self::DnsSerialFromLocalClock => "dns-serial-from-local-clock",
            Self::BatchPublishedAsTwoRoots => "batch-published-as-two-roots",
            Self::RemovedMemberVotes => "removed-member-votes",
            Self::SnapshotWithoutChecksum => "snapshot-without-checksum",
            Self::SessionsLostAtInstall => "sessions-lost-at-install",
            Self::ClusterTimeFromWallClock => "cluster-time-from-wall-clock",
            Self::AutonomyAfterReboot => "autonomy-after-reboot",
            Self::MarkSyncedBeforeLog => "mark-synced-before-log",
        }
    }
}

impl fmt::Display for Planted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no bug has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no bug that can be planted is called {0:?}; there are {all}", all = Planted::ALL.map(Planted::name).join(", "))]
pub struct NoSuchBug(String);

impl FromStr for Planted {
    type Err = NoSuchBug;

    fn from_str(name: &str) -> Result<Self, NoSuchBug> {
        let named = Self::ALL.into_iter().find(|bug| bug.name() == name);
        named.ok_or_else(|| NoSuchBug(name.to_owned()))
    }
}

/// Whether this bug is planted here.
#[cfg(not(feature = "planted-bugs"))]
#[must_use]
pub const fn is(_bug: Planted) -> bool {
    false
}

/// Whether this bug is planted here.
#[cfg(feature = "planted-bugs")]
#[must_use]
pub fn is(bug: Planted) -> bool {
    OF_THREAD.get().or_else(|| OF_PROCESS.get().copied()) == Some(bug)
}

/// When it is for a lease: `now`, unless [`Planted::LeaseExpiryByWallClock`] has the wall clock decide.
#[cfg(not(feature = "planted-bugs"))]
#[must_use]
pub const fn time_of_leases(now: ClusterTime) -> ClusterTime {
    now
}

/// When it is for a lease: `now`, unless [`Planted::LeaseExpiryByWallClock`] has the wall clock decide.
#[cfg(feature = "planted-bugs")]
#[must_use]
pub fn time_of_leases(now: ClusterTime) -> ClusterTime {
    if is(Planted::LeaseExpiryByWallClock) {
        ClusterTime(now.0.saturating_add_signed(WALL_LEAD_MS.get()))
    } else {
        now
    }
}

/// Tells by how many milliseconds this node's wall clock is ahead of the stamp of the entry that this thread applies next:
/// `core` has no clock that [`Planted::LeaseExpiryByWallClock`] could decide by.
#[cfg(not(feature = "planted-bugs"))]
pub fn show_wall_lead(_lead_ms: impl FnOnce() -> i64) {}

/// Tells by how many milliseconds this node's wall clock is ahead of the stamp of the entry that this thread applies next:
/// `core` has no clock that [`Planted::LeaseExpiryByWallClock`] could decide by.
#[cfg(feature = "planted-bugs")]
pub fn show_wall_lead(lead_ms: impl FnOnce() -> i64) {
    if is(Planted::LeaseExpiryByWallClock) {
        WALL_LEAD_MS.set(lead_ms());
    }
}

#[cfg(feature = "planted-bugs")]
static OF_PROCESS: OnceLock<Planted> = OnceLock::new();

#[cfg(feature = "planted-bugs")]
thread_local! {
    static OF_THREAD: Cell<Option<Planted>> = const { Cell::new(None) };
    static WALL_LEAD_MS: Cell<i64> = const { Cell::new(0) };
}

/// Plants a bug in this process, for good. The executables do so before they do anything else.
///
/// # Panics
/// When one is planted already.
#[cfg(feature = "planted-bugs")]
pub fn plant(bug: Planted) {
    OF_PROCESS.set(bug).expect("one bug at a time");
}

/// As long as this lives, a bug is planted in what this thread does.
#[cfg(feature = "planted-bugs")]
#[derive(Debug)]
pub struct OnThisThread {
    /// It is this thread that has the bug, and no other.
    stays_here: PhantomData<*const ()>,
}

#[cfg(feature = "planted-bugs")]
impl OnThisThread {
    /// Plants a bug. It comes before that of the process.
    ///
    /// # Panics
    /// When this thread has one already.
    #[must_use]
    pub fn plant(bug: Planted) -> Self {
        let before = OF_THREAD.replace(Some(bug));
        assert!(before.is_none(), "one bug at a time on one thread");
        Self { stays_here: PhantomData }
    }
}

#[cfg(feature = "planted-bugs")]
impl Drop for OnThisThread {
    fn drop(&mut self) {
        OF_THREAD.set(None);
        WALL_LEAD_MS.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::Planted;
    use std::collections::BTreeSet;

    #[test]
    fn every_bug_has_a_name_of_its_own_that_is_read_back() {
        let names: BTreeSet<&str> = Planted::ALL.map(Planted::name).into();
        assert_eq!(names.len(), Planted::ALL.len());
        for bug in Planted::ALL {
            assert_eq!(bug.name().parse(), Ok(bug));
        }
        let unknown = "no-such-bug".parse::<Planted>().unwrap_err().to_string();
        assert!(unknown.contains("\"no-such-bug\"") && unknown.contains("vote-not-synced"));
    }

    #[cfg(not(feature = "planted-bugs"))]
    #[test]
    fn nothing_is_planted_in_a_build_without_the_feature() {
        const { assert!(!super::IS_POSSIBLE && !super::is(Planted::VoteNotSynced)) };
        assert!(Planted::ALL.iter().all(|bug| !super::is(*bug)));
    }

    #[cfg(feature = "planted-bugs")]
    #[test]
    fn bug_of_a_thread_is_there_as_long_as_it_is_held_and_on_that_thread_alone() {
        use super::{OnThisThread, is};
        let planted = OnThisThread::plant(Planted::VoteNotSynced);
        assert_eq!(Planted::ALL.map(is).iter().filter(|is| **is).count(), 1);
        assert!(is(Planted::VoteNotSynced));
        drop(planted);
        assert!(Planted::ALL.iter().all(|bug| !is(*bug)));
    }
}
