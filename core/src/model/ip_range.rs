//! A range of addresses of a subnet that is set aside: for DHCP, or from DHCP and allocation.

use crate::id::{SubnetId, UserId};
use crate::net::address_range::AddressRange;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What a range is set aside for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum IpRangeType {
    /// DHCP hands its addresses out.
    Dynamic,
    /// Managed subnets give none of its addresses; unmanaged ones give only these.
    Reserved,
}

/// A range of addresses, both ends included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpRange {
    /// The subnet it lies in.
    pub subnet: SubnetId,
    /// What it is for (MAAS's `type`).
    pub range_type: IpRangeType,
    /// Its first address.
    pub start_ip: IpAddr,
    /// Its last address.
    pub end_ip: IpAddr,
    /// Who made it.
    pub user: Option<UserId>,
    /// Free text for people.
    pub comment: String,
}

impl IpRangeType {
    /// MAAS's word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dynamic => "dynamic",
            Self::Reserved => "reserved",
        }
    }
}

impl IpRange {
    /// Whether the address lies in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.start_ip <= address && address <= self.end_ip
    }

    /// How many addresses it has.
    #[must_use]
    pub fn address_count(&self) -> u128 {
        AddressRange::new(self.start_ip, self.end_ip).map_or(0, AddressRange::address_count)
    }
}
