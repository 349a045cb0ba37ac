//! What a command came to when it was not refused. Compact: kept for sessions and keys, and the reply is made from it.

use crate::id::SessionId;
use crate::object::ObjectRef;
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
    /// The guards did not hold, so the second batch was done: the outcomes of its steps.
    Otherwise(Vec<Self>),
}

/// An address that was taken, and the object that says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocatedAddress {
    /// The address.
    pub address: IpAddr,
    /// The static IP address that has it.
    pub object: ObjectRef,
}
