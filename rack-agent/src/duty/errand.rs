//! What the rack has to tell or ask the region. It becomes a step of the lease protocol when it is sent, because what it
//! says of time counts from then.

use crate::dhcp::action::Pending;
use crate::duty::event::WireId;
use regent_core::command::rack::ClientFacts;
use regent_core::id::{SubnetId, VlanId};
use regent_core::lease::binding::Client;
use std::net::Ipv4Addr;

/// Something for the region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// A client wants an address (rule R1).
    Commit(Box<Wish>),
    /// A client gave its address back (rule R5).
    Release {
        /// The number that is on disk; none if nothing had to be written.
        number: Option<u64>,
        /// The address.
        address: Ipv4Addr,
        /// The client.
        client: Client,
    },
    /// The rack gave its right up (rule R4).
    Relinquish {
        /// The number that is on disk.
        number: u64,
        /// The address.
        address: Ipv4Addr,
        /// The client it acknowledged last.
        client: Client,
    },
    /// A client found its address in use (rule R15).
    Decline {
        /// The address.
        address: Ipv4Addr,
        /// The client.
        client: Client,
    },
    /// The rack found an address in use (rule R14).
    FoundInUse {
        /// The VLAN.
        vlan: VlanId,
        /// The address.
        address: Ipv4Addr,
    },
    /// The rack gave this while the region was away (rule R19).
    Adopt {
        /// The address.
        address: Ipv4Addr,
        /// The client.
        client: Client,
        /// What is known of it besides.
        facts: ClientFacts,
    },
    /// It has told all it gave.
    Adopted,
    /// The rack looks after its blocks (rule R8).
    Block(BlockErrand),
}

/// What the rack wants of a block. At most one of each at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockErrand {
    /// A block of this subnet.
    Delegate {
        /// The subnet's VLAN.
        vlan: VlanId,
        /// The subnet.
        subnet: SubnetId,
    },
    /// Another term for the block that begins here.
    Extend(Ipv4Addr),
    /// Nothing more of the block that begins here.
    Return(Ipv4Addr),
}

/// A client's wish and the wire it came in at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Where its answer goes.
    pub wire: WireId,
    /// What it wants.
    pub pending: Pending,
}
