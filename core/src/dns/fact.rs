//! What one object of the state says about one name.

use crate::id::{DnsDataId, DnsResourceId, NodeId, StaticIpAddressId};
use crate::model::dns_name::DomainName;
use crate::model::record_data::RecordData;
use std::net::IpAddr;

/// The object that says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A node: the names of its interfaces.
    Node(NodeId),
    /// A DNS resource: its addresses.
    Resource(DnsResourceId),
    /// An address nobody has named: it is called after itself.
    Address(StaticIpAddressId),
    /// A record people gave.
    Data(DnsDataId),
    /// A lease: the name its client calls itself.
    Lease(IpAddr),
}

impl Origin {
    /// Sorts before, or is, every other.
    pub(in crate::dns) const FIRST: Self = Self::Node(NodeId(0));
}

/// One record an object asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The name.
    pub owner: DomainName,
    /// Time to live in seconds.
    pub ttl: u32,
    /// The record's type and data.
    pub data: RecordData,
    /// Whether the address also leads back to the name (only of addresses).
    pub reverse: bool,
}

impl Fact {
    /// A name of an address.
    #[must_use]
    pub fn address(owner: DomainName, ttl: u32, address: IpAddr, reverse: bool) -> Self {
        Self { owner, ttl, data: address_data(address), reverse }
    }

    /// The address, if it is about one.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        match &self.data {
            RecordData::A(address) => Some(IpAddr::V4(*address)),
            RecordData::Aaaa(address) => Some(IpAddr::V6(*address)),
            RecordData::Caa(_)
            | RecordData::Cname(_)
            | RecordData::Mx { .. }
            | RecordData::Ns(_)
            | RecordData::Ptr(_)
            | RecordData::Soa(_)
            | RecordData::Srv { .. }
            | RecordData::Sshfp(_)
            | RecordData::Txt(_) => None,
        }
    }
}

/// The record data of an address.
#[must_use]
pub const fn address_data(address: IpAddr) -> RecordData {
    match address {
        IpAddr::V4(v4) => RecordData::A(v4),
        IpAddr::V6(v6) => RecordData::Aaaa(v6),
    }
}
