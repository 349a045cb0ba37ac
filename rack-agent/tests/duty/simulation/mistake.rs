//! What somebody around the machine may do wrong. With each of them the simulation has to find two holders.

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    /// None.
    None,
    /// The disk says that something is durable before it is.
    DiskForgets,
    /// Nobody notices that the machine stood still.
    PauseUnnoticed,
    /// Another boot is taken for the same.
    RebootUnnoticed,
    /// Nobody says that the region was restored.
    RestoreUnsaid,
}
