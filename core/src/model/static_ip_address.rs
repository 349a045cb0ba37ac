//! An IP address somebody has, or will have: MAAS's static IP address, which is also its link of interface and subnet.

use crate::id::{InterfaceId, SubnetId, UserId};
use crate::time::ClusterTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// How an address came to be. Numbers are MAAS's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AllocType {
    /// Chosen by the region for the time of a deployment.
    Auto,
    /// Chosen for an interface until it is unlinked.
    Sticky,
    /// Taken by a user, for whatever.
    UserReserved,
    /// A wish for DHCP; never has an address itself.
    Dhcp,
    /// Seen on the network, or leased by DHCP.
    Discovered,
}

/// How an interface is to be configured on a subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkMode {
    /// An address of the region's choice, at deployment.
    Auto,
    /// A fixed address.
    Static,
    /// By DHCP.
    Dhcp,
    /// Up, without address.
    LinkUp,
}

/// An address, or the place of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaticIpAddress {
    /// The address; none while it is only a wish, or when a lease has ended.
    pub ip: Option<IpAddr>,
    /// How it came to be.
    pub alloc_type: AllocType,
    /// The subnet it is on.
    pub subnet: Option<SubnetId>,
    /// The interfaces that have it.
    pub interfaces: BTreeSet<InterfaceId>,
    /// Whose it is, for [`AllocType::UserReserved`].
    pub user: Option<UserId>,
    /// Seconds a lease runs; 0 if it is none.
    pub lease_time: u32,
    /// When a provisional address is given up unless confirmed.
    pub temp_expires_on: Option<ClusterTime>,
    /// Free text for people.
    pub comment: String,
}

impl AllocType {
    /// All of them.
    pub const ALL: &[Self] =
        &[Self::Auto, Self::Sticky, Self::UserReserved, Self::Dhcp, Self::Discovered];

    /// MAAS's number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Auto => 0,
            Self::Sticky => 1,
            Self::UserReserved => 4,
            Self::Dhcp => 5,
            Self::Discovered => 6,
        }
    }

    /// The one with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|alloc_type| alloc_type.number() == number)
    }
}

impl LinkMode {
    /// MAAS's word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Static => "static",
            Self::Dhcp => "dhcp",
            Self::LinkUp => "link_up",
        }
    }
}

impl StaticIpAddress {
    /// The address, if it may have a name at all: not one held only for the moment.
    #[must_use]
    pub fn named_ip(&self) -> Option<IpAddr> {
        self.ip.filter(|_| self.temp_expires_on.is_none())
    }

    /// An address of one type on one subnet, nobody's yet.
    #[must_use]
    pub const fn new(alloc_type: AllocType, subnet: Option<SubnetId>, ip: Option<IpAddr>) -> Self {
        Self {
            ip,
            alloc_type,
            subnet,
            interfaces: BTreeSet::new(),
            user: None,
            lease_time: 0,
            temp_expires_on: None,
            comment: String::new(),
        }
    }

    /// How the interfaces that have it are configured (MAAS's `get_interface_link_type`).
    #[must_use]
    pub const fn link_mode(&self) -> LinkMode {
        match (self.alloc_type, self.ip) {
            (AllocType::Auto, _) => LinkMode::Auto,
            (AllocType::Dhcp | AllocType::Discovered, _) => LinkMode::Dhcp,
            (AllocType::UserReserved, _) | (AllocType::Sticky, Some(_)) => LinkMode::Static,
            (AllocType::Sticky, None) => LinkMode::LinkUp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{AllocType, LinkMode, StaticIpAddress};

    #[test]
    fn numbers_of_types_are_those_of_maas() {
        assert_eq!(AllocType::from_number(4), Some(AllocType::UserReserved));
        assert_eq!(AllocType::from_number(2), None);
        assert!(AllocType::ALL.iter().all(|t| AllocType::from_number(t.number()) == Some(*t)));
    }

    #[test]
    fn sticky_link_without_address_is_only_up() {
        let mut link = StaticIpAddress::new(AllocType::Sticky, None, None);
        assert_eq!(link.link_mode(), LinkMode::LinkUp);
        link.ip = Some([10, 0, 0, 1].into());
        assert_eq!(link.link_mode(), LinkMode::Static);
    }
}
