//! Why an address is not given.

use crate::lease::server::Server;
use crate::time::ClusterTime;
use serde::{Deserialize, Serialize};

/// Why the region does not do what a rack asks of an address. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// Another client has it.
    #[error("another client has it until {until}")]
    Owned {
        /// When that ends, unless it is renewed.
        until: ClusterTime,
    },
    /// Nobody has it, but somebody may not know that yet.
    #[error("it rests until {until}, when everybody has surely let go of it")]
    Resting {
        /// When it may be given.
        until: ClusterTime,
    },
    /// Somebody unknown was found to use it.
    #[error("it was found in use, and is tried again at {until}")]
    Declined {
        /// When it may be tried again.
        until: ClusterTime,
    },
    /// A rack gives the addresses of this block without asking.
    #[error("rack {} gives it without asking, until {until}", server.rack)]
    InBlock {
        /// The rack.
        server: Server,
        /// When it surely has stopped.
        until: ClusterTime,
    },
    /// It is another client's for good.
    #[error("it is reserved for another client")]
    Reserved,
    /// After a restore, what racks gave meanwhile is not known yet.
    #[error("what racks gave before the restore is not known before {until}")]
    Quarantined {
        /// When it is of no matter any more.
        until: ClusterTime,
    },
    /// Another DHCP server may have given it to somebody, so only who says that it has the address gets it.
    #[error("another DHCP server may have given it: it is closed to other clients until {until}")]
    Closed {
        /// When it opens, unless that server is seen again.
        until: ClusterTime,
    },
    /// The rack has said something later about the address, which was heard first.
    #[error("message {number} comes after message {heard}, which made it void")]
    Outdated {
        /// Number of the message.
        number: u64,
        /// Number of the later one.
        heard: u64,
    },
    /// What the rack tells was so, but nobody knows how long ago.
    #[error("it was sent at an unknown time after {as_of}: ask the rack to tell it again")]
    Late {
        /// The latest cluster time the rack had heard of.
        as_of: ClusterTime,
    },
    /// It is not, or no longer, the asking client's.
    #[error("it is not the client's")]
    NotOwner,
    /// Another rack acknowledged it to the client after, or so soon before that nobody knows which came first.
    #[error("rack {} acknowledged it to the client last", server.rack)]
    RenewedSince {
        /// That rack.
        server: Server,
    },
    /// The block is another rack's, or its term is over.
    #[error("the block is no longer the rack's")]
    NotDelegated,
    /// DHCP does not give the address to this client: it lies in no dynamic range, and is not kept for it.
    #[error("it is no address that DHCP gives to this client")]
    NotGiven,
    /// The rack does not serve the address's VLAN, or did when it asked and does not know yet what has changed.
    #[error("the rack does not serve the VLAN as it is now")]
    NotServing,
    /// No address of the subnet may be given by one rack alone now.
    #[error("no address of the subnet can be given to one rack alone now")]
    NoBlock,
    /// Some of what the rack gave was told too late or out of order: it has to be told again.
    #[error("not all it gave was heard: it has to be told again")]
    NotAllTold,
    /// A lease of no length, or a longer one than there may be.
    #[error("the length of a lease has to be more than nothing and at most what the subnet allows")]
    Life,
    /// So many addresses of the subnet were said to be in use by somebody unknown that no more is believed for now.
    #[error("too many addresses of the subnet were declined: no more is believed before {until}")]
    TooManyDeclines {
        /// When counting begins anew.
        until: ClusterTime,
    },
    /// It was the asking client's until an admin ended its lease.
    #[error("an admin ended the client's lease; the address rests until {until}")]
    Ended {
        /// When it may be given again, to whoever asks.
        until: ClusterTime,
    },
}

impl Refusal {
    /// When what stands in the way ends, if that can be said: [`ClusterTime::NEVER`] for what only an admin ends.
    #[must_use]
    pub const fn until(&self) -> Option<ClusterTime> {
        match *self {
            Self::Owned { until }
            | Self::Resting { until }
            | Self::Declined { until }
            | Self::InBlock { until, .. }
            | Self::Quarantined { until }
            | Self::Closed { until }
            | Self::TooManyDeclines { until }
            | Self::Ended { until } => Some(until),
            Self::Reserved
            | Self::Outdated { .. }
            | Self::Late { .. }
            | Self::NotOwner
            | Self::RenewedSince { .. }
            | Self::NotDelegated
            | Self::NotGiven
            | Self::NotServing
            | Self::NoBlock
            | Self::NotAllTold
            | Self::Life => None,
        }
    }
}
