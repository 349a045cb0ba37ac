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
            Self::New => &[
                Self::Commissioning,
                Self::Missing,
                Self::Ready,
                Self::Retired,
                Self::Broken,
                Self::EnteringRescueMode,
            ],
            Self::Commissioning => &[
                Self::FailedCommissioning,
                Self::Ready,
                Self::Retired,
                Self::Missing,
                Self::New,
                Self::Broken,
                Self::Testing,
            ],
            Self::FailedCommissioning => &[
                Self::Commissioning,
                Self::Missing,
                Self::Retired,
                Self::Broken,
                Self::EnteringRescueMode,
                Self::Testing,
            ],
            Self::Missing => &[
                Self::New,
                Self::Ready,
                Self::Allocated,
                Self::Commissioning,
                Self::Broken,
                Self::EnteringRescueMode,
                Self::Testing,
            ],
            Self::Ready => &[
                Self::EnteringRescueMode,
                Self::Commissioning,
                Self::Allocated,
                Self::Reserved,
                Self::Retired,
                Self::Missing,
                Self::Broken,
                Self::Testing,
            ],
            Self::Reserved => &[
                Self::Ready,
                Self::Allocated,
                Self::Retired,
                Self::Missing,
                Self::Broken,
                Self::DiskErasing,
                Self::Releasing,
                Self::EnteringRescueMode,
                Self::Testing,
            ],
            Self::Deployed => &[
                Self::Allocated,
                Self::Missing,
                Self::Broken,
                Self::Ready,
                Self::DiskErasing,
                Self::Releasing,
                Self::EnteringRescueMode,
                Self::Testing,
            ],
            Self::Retired => &[
                Self::New,
                Self::Ready,
                Self::Missing,
                Self::Broken,
                Self::EnteringRescueMode,
                Self::Testing,
            ],
            Self::Broken => &[
                Self::Commissioning,
                Self::Ready,
                Self::DiskErasing,
                Self::Releasing,
                Self::EnteringRescueMode,
                Self::Testing,
            ],
            Self::Deploying => &[
                Self::Allocated,
                Self::Missing,
                Self::Broken,
                Self::FailedDeployment,
                Self::Deployed,
                Self::Ready,
                Self::DiskErasing,
                Self::Releasing,
            ],
            Self::Allocated => &[
                Self::Ready,
                Self::Retired,
                Self::Missing,
                Self::Broken,
                Self::Deploying,
                Self::DiskErasing,
                Self::Releasing,
                Self::EnteringRescueMode,
                Self::Testing,
            ],
            Self::FailedDeployment => &[
                Self::Allocated,
                Self::Missing,
                Self::Broken,
                Self::Ready,
                Self::DiskErasing,
                Self::Releasing,
                Self::EnteringRescueMode,
                Self::Testing,
            ],
            Self::Releasing => &[
                Self::Allocated,
                Self::Reserved,
                Self::Deployed,
                Self::Ready,
                Self::Broken,
                Self::Missing,
                Self::FailedDeployment,
                Self::FailedDiskErasing,
                Self::FailedReleasing,
            ],
            Self::FailedReleasing => {
                &[Self::Releasing, Self::DiskErasing, Self::Ready, Self::Broken, Self::Testing]
            }
            Self::DiskErasing => &[
                Self::Broken,
                Self::DiskErasing,
                Self::FailedDiskErasing,
                Self::Ready,
                Self::Releasing,
            ],
            Self::FailedDiskErasing => &[
                Self::DiskErasing,
                Self::Releasing,
                Self::Broken,
                Self::Allocated,
                Self::Ready,
                Self::EnteringRescueMode,
                Self::Testing,
            ],
            Self::RescueMode => &[Self::Broken, Self::ExitingRescueMode, Self::Testing],
            Self::EnteringRescueMode => &[
                Self::Ready,
                Self::Broken,
                Self::Deployed,
                Self::RescueMode,
                Self::FailedEnteringRescueMode,
                Self::ExitingRescueMode,
            ],
            Self::FailedEnteringRescueMode => {
                &[Self::Broken, Self::EnteringRescueMode, Self::ExitingRescueMode, Self::Testing]
            }
            Self::ExitingRescueMode => &[
                Self::New,
                Self::Broken,
                Self::FailedCommissioning,
                Self::Ready,
                Self::Reserved,
                Self::Allocated,
                Self::FailedDeployment,
                Self::Deployed,
                Self::Missing,
                Self::Retired,
                Self::FailedReleasing,
                Self::FailedDiskErasing,
                Self::RescueMode,
                Self::FailedEnteringRescueMode,
                Self::FailedExitingRescueMode,
                Self::FailedTesting,
            ],
            Self::FailedExitingRescueMode => {
                &[Self::Broken, Self::ExitingRescueMode, Self::Testing]
            }
            Self::Testing => &[
                Self::Broken,
                Self::New,
                Self::Ready,
                Self::Reserved,
                Self::Allocated,
                Self::Deployed,
                Self::Commissioning,
                Self::FailedDeployment,
                Self::Missing,
                Self::Retired,
                Self::FailedReleasing,
                Self::FailedDiskErasing,
                Self::FailedEnteringRescueMode,
                Self::FailedExitingRescueMode,
                Self::FailedTesting,
            ],
            Self::FailedTesting => &[
                Self::Commissioning,
                Self::Broken,
                Self::Missing,
                Self::EnteringRescueMode,
                Self::Testing,
                Self::Ready,
                Self::Deployed,
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
