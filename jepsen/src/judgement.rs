//! What a run came to in the end.

/// The exit code of a run that was needed and that this machine cannot do.
pub const EXIT_SKIPPED: u8 = 3;

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Every promise was kept.
    Passed,
    /// One was broken, or a figure that was required was not reached.
    Failed,
    /// This machine cannot do it; that was told.
    Skipped,
}
