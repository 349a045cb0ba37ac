//! The moments at which power goes.

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// While nothing was written, although there should have been. Never wanted.
    Idle,
    /// While a node writes what clients want, and nothing else goes on.
    Load,
    /// And again while the nodes start, before they are up to date.
    Restart,
    /// While a node writes a snapshot.
    Building,
    /// While a node purges its log behind a snapshot.
    Purging,
    /// While a snapshot arrives at a node that was away.
    Installing,
    /// While a node is being removed.
    Removing,
    /// While a node that joined does not vote yet.
    Joining,
}

impl Moment {
    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "no load",
            Self::Load => "load",
            Self::Restart => "restart",
            Self::Building => "snapshot building",
            Self::Purging => "purge",
            Self::Installing => "snapshot install",
            Self::Removing => "member leaving",
            Self::Joining => "member joining",
        }
    }

    /// Whether a purge, a snapshot or a change of members is cut short.
    #[must_use]
    pub const fn is_in_flight(self) -> bool {
        match self {
            Self::Idle | Self::Load | Self::Restart => false,
            Self::Building | Self::Purging | Self::Installing | Self::Removing | Self::Joining => {
                true
            }
        }
    }
}

/// Moments of a cluster that purges its log early, in order.
pub const PURGING_LIFE: [Moment; 8] = [
    Moment::Purging,
    Moment::Joining,
    Moment::Load,
    Moment::Installing,
    Moment::Building,
    Moment::Removing,
    Moment::Purging,
    Moment::Restart,
];

/// Moments of a cluster that keeps its whole log, in order.
pub const WHOLE_LIFE: [Moment; 6] =
    [Moment::Load, Moment::Removing, Moment::Restart, Moment::Load, Moment::Joining, Moment::Load];

/// Moments of a control: the load does it.
pub const CONTROL_LIFE: [Moment; 8] = [Moment::Load; 8];
