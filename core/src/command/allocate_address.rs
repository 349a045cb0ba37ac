//! Taking the next free addresses of a subnet or range: one command, so that no address is taken twice.

use crate::id::{InterfaceId, IpRangeId, SubnetId, UserId};
use crate::model::static_ip_address::AllocType;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Addresses taken by one command.
pub const ALLOCATE_COUNT_MAX: u16 = 1024;

/// Where addresses come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AddressSource {
    /// A subnet: all of it, if it is managed; else its reserved ranges.
    Subnet(SubnetId),
    /// A reserved range.
    Range(IpRangeId),
}

/// A wish for addresses: all of them, or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocateAddress {
    /// Where they come from.
    pub from: AddressSource,
    /// How many.
    pub count: u16,
    /// Taken first if it is free; otherwise the next free one is.
    pub preferred: Option<IpAddr>,
    /// What they become: AUTO, STICKY or USER_RESERVED.
    pub alloc_type: AllocType,
    /// Whose they are.
    pub user: Option<UserId>,
    /// Free text for people.
    pub comment: String,
    /// The interface that gets them. An address reserved for its MAC address is preferred.
    pub interface: Option<InterfaceId>,
    /// Given up after this time unless confirmed.
    pub expires_after: Option<Millis>,
}
