//! What a command came to when it was not refused. Compact: kept for sessions and keys, and the reply is made from it.

use crate::id::{NodeId, SessionId, SystemId};
use crate::lease::refusal::Refusal;
use crate::model::rack_life::RackSession;
use crate::object::ObjectRef;
use crate::time::{ClusterTime, Millis};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The result of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Done, with nothing to point at.
    Done,
    /// This object was created.
    Created(ObjectRef),
    /// This object now is as asked.
    Updated(ObjectRef),
    /// This object is gone.
    Deleted(ObjectRef),
    /// This session was opened.
    SessionOpened(SessionId),
    /// The outcomes of the steps of a batch, in order.
    Batch(Vec<Self>),
    /// These addresses were taken, in the order they were chosen.
    Allocated(Vec<AllocatedAddress>),
    /// This session of a rack was opened.
    RackSession(RackSession),
    /// What became of each thing a rack asked, in order.
    Leases(Vec<LeaseAnswer>),
    /// The guards did not hold, so the second batch was done: the outcomes of its steps.
    Otherwise(Vec<Self>),
    /// A machine is this rack now.
    Enrolled {
        /// The rack.
        rack: NodeId,
        /// The name by which it says who it is.
        system_id: SystemId,
    },
    /// What became of each lease of another DHCP server, in order.
    ForeignLeases(Vec<ForeignAnswer>),
}

/// What became of a lease of another DHCP server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ForeignAnswer {
    /// It is recorded.
    Recorded,
    /// No subnet has the address.
    NoSubnet,
    /// DHCP gives the address to nobody: it lies in no dynamic range, and is kept for nobody.
    NotGiven,
    /// A rack of ours gave it since, or may have: its word is newer.
    OursSince,
    /// What that server wrote down later has come in before.
    Older,
}

/// An address that was taken, and the object that says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocatedAddress {
    /// The address.
    pub address: IpAddr,
    /// The static IP address that has it.
    pub object: ObjectRef,
}

/// What became of one thing a rack asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LeaseAnswer {
    /// It is recorded.
    Done,
    /// The client may have the address.
    Committed {
        /// Until then.
        until: ClusterTime,
        /// How long beyond that the rack may renew it alone.
        autonomy: Millis,
    },
    /// The addresses from the first to the last are the rack's to give until then.
    Delegated {
        /// The first address.
        first: IpAddr,
        /// The last one.
        last: IpAddr,
        /// When every lease from the block has to have ended.
        until: ClusterTime,
    },
    /// No; nothing is changed.
    Refused(Refusal),
    /// Two clients have the address: an incident is recorded, and nobody gets the address for now.
    Contradiction,
}
