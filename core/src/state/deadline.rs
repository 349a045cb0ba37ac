//! What can fall due. Deadlines are handled inside apply, by cluster time, before the command of an entry.

use crate::id::{RackLifeId, RackTokenId, SessionId, StaticIpAddressId, SubnetId};
use crate::model::import::ImportId;
use crate::state::key_id::KeyId;
use std::net::IpAddr;

/// One thing that happens by itself at a moment of cluster time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deadline {
    /// A session was not used for too long.
    Session(SessionId),
    /// The outcome of an idempotency key need not be kept longer.
    IdempotencyKey(KeyId),
    /// A provisional address was not confirmed.
    ProvisionalAddress(StaticIpAddressId),
    /// A lease ran out, has rested long enough, or need not be remembered any more.
    Lease(IpAddr),
    /// A rack has surely stopped to give from a block.
    LeaseBlock(IpAddr),
    /// What a rack gave in a life that is over has surely ended.
    RackLife(RackLifeId),
    /// What was given before the leases were replaced has surely ended.
    Quarantine,
    /// A token for a rack was not used.
    RackToken(RackTokenId),
    /// Declines of a subnet need not be counted on.
    DeclineCount(SubnetId),
    /// Addresses of a subnet may be given to anybody again.
    CutOver(SubnetId),
    /// Nobody went on with an import.
    Import(ImportId),
}
