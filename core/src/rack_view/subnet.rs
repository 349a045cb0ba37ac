//! A subnet as a rack serves it.

use crate::id::SubnetId;
use crate::lease::terms::Terms;
use crate::model::boot::BootSettings;
use crate::model::dns_name::DomainName;
use crate::net::address_range::AddressRange;
use crate::net::cidr::Cidr;
use crate::rack_view::setting::Settings;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// A way to a network beside the default one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Route {
    /// The network.
    pub network: Ipv4Addr,
    /// Length of its prefix in bits; at most 32.
    pub prefix: u8,
    /// Who passes packets on to it.
    pub gateway: Ipv4Addr,
}

/// What stands in options of a subnet's clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The default gateway.
    pub gateway: Option<Ipv4Addr>,
    /// DNS servers, best first.
    pub dns_servers: Vec<Ipv4Addr>,
    /// The domain of clients.
    pub domain: Option<DomainName>,
    /// Domains that short names are looked up in.
    pub search: Vec<DomainName>,
    /// NTP servers, best first.
    pub ntp_servers: Vec<Ipv4Addr>,
    /// Names of more, which the rack looks up: DHCP has no place for names.
    pub ntp_names: Vec<DomainName>,
    /// Bytes of the longest packet; none if it is Ethernet's usual 1500.
    pub mtu: Option<u16>,
    /// Ways to other networks.
    pub routes: Vec<Route>,
    /// What an admin set.
    pub settings: Settings,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// Its id.
    pub id: SubnetId,
    /// Its prefix; IPv4.
    pub cidr: Cidr,
    /// Addresses given to whoever asks.
    pub ranges: Vec<AddressRange>,
    /// Blocks of other racks in them, which are not ours to give.
    pub foreign_blocks: Vec<AddressRange>,
    /// Addresses that another DHCP server may have given: only who has one from it gets it.
    pub closed: Vec<AddressRange>,
    /// The lengths of time of the lease protocol; the longest lease is among them.
    pub terms: Terms,
    /// How long firmware that boots from the network gets an address at a time.
    pub boot_life: Millis,
    /// Whether a client may be acknowledged at once if it asks for that (RFC 4039).
    pub rapid_commit: RapidCommit,
    /// What stands in options.
    pub told: Told,
    /// How clients boot, where that differs from the VLAN.
    pub boot: Option<BootSettings>,
}

/// Whether DISCOVER may be answered with ACK.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RapidCommit {
    /// Where the client asks for it.
    Allowed,
    /// Never.
    Refused,
}

impl Subnet {
    /// Whether the address lies in it.
    #[must_use]
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        self.cidr.contains(address.into())
    }

    /// Whether a host may have the address: not that of the network, nor that of everybody in it.
    #[must_use]
    pub fn is_host(&self, address: Ipv4Addr) -> bool {
        self.cidr.hosts().contains(address.into())
    }

    /// Whether it is an address for whoever asks.
    #[must_use]
    pub fn is_dynamic(&self, address: Ipv4Addr) -> bool {
        self.ranges.iter().any(|range| range.contains(address.into()))
    }

    /// How many addresses it gives to whoever asks.
    #[must_use]
    pub fn pool_addresses(&self) -> u128 {
        self.ranges.iter().map(|range| range.address_count()).fold(0, u128::saturating_add)
    }

    /// Whether another DHCP server may have given the address to somebody unknown.
    #[must_use]
    pub fn is_closed(&self, address: Ipv4Addr) -> bool {
        self.closed.iter().any(|range| range.contains(address.into()))
    }

    /// Whether another rack may be giving the address away.
    #[must_use]
    pub fn is_foreign(&self, address: Ipv4Addr) -> bool {
        self.foreign_blocks.iter().any(|range| range.contains(address.into()))
    }
}
