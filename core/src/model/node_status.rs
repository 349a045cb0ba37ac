//! The life of a machine: MAAS's statuses with their numbers, and which may follow which.
//!
//! After MAAS's `node_status.py` (NODE_STATUS, NODE_TRANSITIONS). A recorded status is a record: no power is switched.

use serde::{Deserialize, Serialize};

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $number:literal $text:literal),* $(,)?) => {
        /// Where in its life a node is. Numbers and texts are MAAS's.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum NodeStatus {$(
            $(#[$doc])*
            $name = $number,
        )*}

        impl NodeStatus {
            /// All statuses.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The text MAAS shows (`status_name`).
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

statuses! {
    /// Registered, nothing known of it yet.
    #[default]
    New = 0 "New",
    /// Its hardware is being looked at.
    Commissioning = 1 "Commissioning",
    /// Looking at its hardware failed.
    FailedCommissioning = 2 "Failed commissioning",
    /// It cannot be found.
    Missing = 3 "Missing",
    /// Free to be allocated.
    Ready = 4 "Ready",
    /// Set aside for someone.
    Reserved = 5 "Reserved",
    /// Runs what its owner wants.
    Deployed = 6 "Deployed",
    /// Out of service for good.
    Retired = 7 "Retired",
    /// Marked broken by a person or a failure.
    Broken = 8 "Broken",
    /// An operating system is being put on it.
    Deploying = 9 "Deploying",
    /// Has an owner, runs nothing yet.
    Allocated = 10 "Allocated",
    /// Putting an operating system on it failed.
    FailedDeployment = 11 "Failed deployment",
    /// Is being given back.
    Releasing = 12 "Releasing",
    /// Giving it back failed.
    FailedReleasing = 13 "Releasing failed",
    /// Its disks are being erased.
    DiskErasing = 14 "Disk erasing",
    /// Erasing its disks failed.
    FailedDiskErasing = 15 "Failed disk erasing",
    /// Runs the rescue environment.
    RescueMode = 16 "Rescue mode",
    /// On its way into the rescue environment.
    EnteringRescueMode = 17 "Entering rescue mode",
    /// Did not reach the rescue environment.
    FailedEnteringRescueMode = 18 "Failed to enter rescue mode",
    /// On its way out of the rescue environment.
    ExitingRescueMode = 19 "Exiting rescue mode",
    /// Did not leave the rescue environment.
    FailedExitingRescueMode = 20 "Failed to exit rescue mode",
    /// Its hardware is being tested.
    Testing = 21 "Testing",
    /// A hardware test failed.
    FailedTesting = 22 "Failed testing",
}

use NodeStatus as S;

impl NodeStatus {
    /// MAAS's number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The status with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.number() == number)
    }

    /// Whether a node in this status may go to `next`.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        self.successors().contains(&next)
    }

    /// What may follow this status (MAAS's NODE_TRANSITIONS).
    #[must_use]
    pub const fn successors(self) -> &'static [Self] {
        match self {
            S::New => {
                &[S::Commissioning, S::Missing, S::Ready, S::Retired, S::Broken, S::EnteringRescueMode]
            }
            S::Commissioning => &[
                S::FailedCommissioning,
                S::Ready,
                S::Retired,
                S::Missing,
                S::New,
                S::Broken,
                S::Testing,
            ],
            S::FailedCommissioning => &[
                S::Commissioning,
                S::Missing,
                S::Retired,
                S::Broken,
                S::EnteringRescueMode,
                S::Testing,
            ],
            S::Missing => &[
                S::New,
                S::Ready,
                S::Allocated,
                S::Commissioning,
                S::Broken,
                S::EnteringRescueMode,
                S::Testing,
            ],
            S::Ready => &[
                S::EnteringRescueMode,
                S::Commissioning,
                S::Allocated,
                S::Reserved,
                S::Retired,
                S::Missing,
                S::Broken,
                S::Testing,
            ],
            S::Reserved => &[
                S::Ready,
                S::Allocated,
                S::Retired,
                S::Missing,
                S::Broken,
                S::DiskErasing,
                S::Releasing,
                S::EnteringRescueMode,
                S::Testing,
            ],
            S::Deployed => &[
                S::Allocated,
                S::Missing,
                S::Broken,
                S::Ready,
                S::DiskErasing,
                S::Releasing,
                S::EnteringRescueMode,
                S::Testing,
            ],
            S::Retired => {
                &[S::New, S::Ready, S::Missing, S::Broken, S::EnteringRescueMode, S::Testing]
            }
            S::Broken => &[
                S::Commissioning,
                S::Ready,
                S::DiskErasing,
                S::Releasing,
                S::EnteringRescueMode,
                S::Testing,
            ],
            S::Deploying => &[
                S::Allocated,
                S::Missing,
                S::Broken,
                S::FailedDeployment,
                S::Deployed,
                S::Ready,
                S::DiskErasing,
                S::Releasing,
            ],
            S::Allocated => &[
                S::Ready,
                S::Retired,
                S::Missing,
                S::Broken,
                S::Deploying,
                S::DiskErasing,
                S::Releasing,
                S::EnteringRescueMode,
                S::Testing,
            ],
            S::FailedDeployment => &[
                S::Allocated,
                S::Missing,
                S::Broken,
                S::Ready,
                S::DiskErasing,
                S::Releasing,
                S::EnteringRescueMode,
                S::Testing,
            ],
            S::Releasing => &[
                S::Allocated,
                S::Reserved,
                S::Deployed,
                S::Ready,
                S::Broken,
                S::Missing,
                S::FailedDeployment,
                S::FailedDiskErasing,
                S::FailedReleasing,
            ],
            S::FailedReleasing => &[S::Releasing, S::DiskErasing, S::Ready, S::Broken, S::Testing],
            S::DiskErasing => {
                &[S::Broken, S::DiskErasing, S::FailedDiskErasing, S::Ready, S::Releasing]
            }
            S::FailedDiskErasing => &[
                S::DiskErasing,
                S::Releasing,
                S::Broken,
                S::Allocated,
                S::Ready,
                S::EnteringRescueMode,
                S::Testing,
            ],
            S::RescueMode => &[S::Broken, S::ExitingRescueMode, S::Testing],
            S::EnteringRescueMode => &[
                S::Ready,
                S::Broken,
                S::Deployed,
                S::RescueMode,
                S::FailedEnteringRescueMode,
                S::ExitingRescueMode,
            ],
            S::FailedEnteringRescueMode => {
                &[S::Broken, S::EnteringRescueMode, S::ExitingRescueMode, S::Testing]
            }
            S::ExitingRescueMode => &[
                S::New,
                S::Broken,
                S::FailedCommissioning,
                S::Ready,
                S::Reserved,
                S::Allocated,
                S::FailedDeployment,
                S::Deployed,
                S::Missing,
                S::Retired,
                S::FailedReleasing,
                S::FailedDiskErasing,
                S::RescueMode,
                S::FailedEnteringRescueMode,
                S::FailedExitingRescueMode,
                S::FailedTesting,
            ],
            S::FailedExitingRescueMode => &[S::Broken, S::ExitingRescueMode, S::Testing],
            S::Testing => &[
                S::Broken,
                S::New,
                S::Ready,
                S::Reserved,
                S::Allocated,
                S::Deployed,
                S::Commissioning,
                S::FailedDeployment,
                S::Missing,
                S::Retired,
                S::FailedReleasing,
                S::FailedDiskErasing,
                S::FailedEnteringRescueMode,
                S::FailedExitingRescueMode,
                S::FailedTesting,
            ],
            S::FailedTesting => &[
                S::Commissioning,
                S::Broken,
                S::Missing,
                S::EnteringRescueMode,
                S::Testing,
                S::Ready,
                S::Deployed,
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NodeStatus;

    #[test]
    fn numbers_are_those_of_maas() {
        for (expected, status) in (0..).zip(NodeStatus::ALL) {
            assert_eq!(status.number(), expected);
            assert_eq!(NodeStatus::from_number(expected), Some(*status));
        }
        assert_eq!(NodeStatus::from_number(23), None);
    }

    #[test]
    fn a_machine_is_deployed_only_by_way_of_allocation() {
        assert!(!NodeStatus::New.may_become(NodeStatus::Deployed));
        assert!(!NodeStatus::Ready.may_become(NodeStatus::Deploying));
        assert!(NodeStatus::Ready.may_become(NodeStatus::Allocated));
        assert!(NodeStatus::Allocated.may_become(NodeStatus::Deploying));
        assert!(NodeStatus::Deploying.may_become(NodeStatus::Deployed));
    }
}
