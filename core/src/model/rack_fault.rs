//! What a rack asked and may not. It was refused; somebody should know that it was asked.

use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// A fault of one kind is told once in so long a time, however often it happens.
pub const FAULT_TOLD_AGAIN_MILLIS: Millis = Millis::from_secs(3_600);

/// What a rack did that no honest one does, or none whose configuration is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RackFault {
    /// It asked about an address, or a subnet, that it neither serves nor served when it asked.
    NotServed,
    /// It asked about an address, or a subnet, that the site does not have.
    Unknown,
    /// It spoke of a block that is another rack's.
    NotItsBlock,
    /// It said of more addresses of a subnet than can be that somebody unknown uses them (rule R15).
    TooManyDeclines,
}

impl RackFault {
    /// How events call it.
    #[must_use]
    pub const fn event_type(self) -> &'static str {
        match self {
            Self::NotServed => "RACK_DOES_NOT_SERVE",
            Self::Unknown => "RACK_ASKED_OF_UNKNOWN",
            Self::NotItsBlock => "RACK_HAS_NOT_THE_BLOCK",
            Self::TooManyDeclines => "DHCP_TOO_MANY_DECLINES",
        }
    }
}
