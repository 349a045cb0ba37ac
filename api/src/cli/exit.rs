//! Exit codes. Scripts branch on them: they are stable.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// As asked.
    Ok = 0,
    /// Some other failure.
    Failure = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// No such object.
    NotFound = 3,
    /// State or precondition forbids it.
    Conflict = 4,
    /// Not authenticated or not allowed.
    Forbidden = 5,
    /// No leader, or no node reachable: safe to retry.
    Unavailable = 6,
    /// The write may or may not have been applied.
    OutcomeUnknown = 7,
    /// Works, but not as it should.
    Degraded = 8,
    /// Cancelled by the user.
    Cancelled = 9,
    /// The configuration is wrong; a restart will not help.
    BadConfig = 64,
    /// The node was removed from its region; a restart will not help.
    Removed = 70,
    /// The data directory is from a newer version, or has lost its memory; a restart will not help.
    Unusable = 71,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
