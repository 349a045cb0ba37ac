//! A network prefix whose host bits are zero: the CIDR of a subnet.
//!
//! An interface address with its prefix length (host bits set) is another thing and is refused
//! here.

use crate::net::address_range::AddressRange;
use crate::net::ip_number::{IpFamily, IpNumber};
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A network prefix (RFC 4632, RFC 4291). Sorts by family, network address, then shorter prefix
/// first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr(IpNet);

/// Why address and prefix length, or a text, make no network prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CidrError {
    /// The address has bits below the prefix.
    #[error("{address}/{prefix} has host bits set, the network is {network}/{prefix}")]
    HostBits {
        /// The address given.
        address: IpAddr,
        /// The prefix length given.
        prefix: u8,
        /// The address with its host bits cleared.
        network: IpAddr,
    },
    /// More prefix bits than the family has.
    #[error("prefix length {prefix} is longer than the {} bits of {family}", family.bits())]
    PrefixTooLong {
        /// The prefix length given.
        prefix: u8,
        /// The family of the address.
        family: IpFamily,
    },
    /// Not an address, a slash and a decimal length.
    #[error("network prefix is not written as address/length")]
    Syntax,
}

impl Cidr {
    /// The prefix of `prefix` bits whose network address is exactly `network`.
    ///
    /// # Errors
    /// Host bits set in `network`, or a prefix longer than the family allows.
    pub fn new(network: IpAddr, prefix: u8) -> Result<Self, CidrError> {
        let cidr = Self::containing(network, prefix)?;
        if cidr.network() == network {
            Ok(cidr)
        } else {
            Err(CidrError::HostBits { address: network, prefix, network: cidr.network() })
        }
    }

    /// The prefix of `prefix` bits that `address` lies in.
    ///
    /// # Errors
    /// A prefix longer than the family allows.
    pub fn containing(address: IpAddr, prefix: u8) -> Result<Self, CidrError> {
        IpNet::new(address, prefix)
            .map(|net| Self(net.trunc()))
            .map_err(|_| CidrError::PrefixTooLong { prefix, family: IpFamily::of(address) })
    }

    /// The prefix of one single address (/32 or /128).
    #[must_use]
    pub fn of_address(address: IpAddr) -> Self {
        Self(IpNet::from(address))
    }

    /// The first address: all host bits zero.
    #[must_use]
    pub fn network(self) -> IpAddr {
        self.0.addr()
    }

    /// The last address: all host bits one. For IPv4 up to /30 this is the broadcast address.
    #[must_use]
    pub fn last(self) -> IpAddr {
        self.0.broadcast()
    }

    /// The directed broadcast address: IPv4 only, and not in a /31 (RFC 3021) or /32.
    #[must_use]
    pub fn broadcast(self) -> Option<IpAddr> {
        (self.family() == IpFamily::V4 && self.host_bits() >= 2).then(|| self.last())
    }

    /// The mask with a one for each prefix bit.
    #[must_use]
    pub fn netmask(self) -> IpAddr {
        self.0.netmask()
    }

    /// The prefix length in bits.
    #[must_use]
    pub fn prefix(self) -> u8 {
        self.0.prefix_len()
    }

    /// The bits below the prefix.
    #[must_use]
    pub fn host_bits(self) -> u8 {
        self.family().bits() - self.prefix()
    }

    /// The family of every address in it.
    #[must_use]
    pub const fn family(self) -> IpFamily {
        match self.0 {
            IpNet::V4(_) => IpFamily::V4,
            IpNet::V6(_) => IpFamily::V6,
        }
    }

    /// Whether the address lies inside. Never for the other family.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }

    /// Whether `other` lies wholly inside (a prefix contains itself).
    #[must_use]
    pub fn contains_cidr(self, other: Self) -> bool {
        self.0.contains(&other.0)
    }

    /// Whether the two share an address, which for prefixes means one contains the other.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.contains_cidr(other) || other.contains_cidr(self)
    }

    /// Every address, network and broadcast address included.
    #[must_use]
    pub fn range(self) -> AddressRange {
        ordered(self.network(), self.last())
    }

    /// The addresses a host may hold.
    ///
    /// Left out are IPv4's network and broadcast address and IPv6's subnet-router anycast address
    /// (RFC 4291 2.6.1); in /31 and /32 (RFC 3021), /127 and /128 (RFC 6164) every address may be
    /// held.
    #[must_use]
    pub fn hosts(self) -> AddressRange {
        if self.host_bits() < 2 {
            return self.range();
        }
        let first = IpNumber::of(self.network()).checked_add(1);
        let last = match self.family() {
            IpFamily::V4 => IpNumber::of(self.last()).checked_sub(1),
            IpFamily::V6 => Some(IpNumber::of(self.last())),
        };
        let inside = "two host bits leave room inside the prefix";
        ordered(first.expect(inside).address(), last.expect(inside).address())
    }

    /// How many addresses a host may hold, see [`Self::hosts`].
    #[must_use]
    pub fn host_count(self) -> u128 {
        self.hosts().address_count()
    }
}

fn ordered(start: IpAddr, end: IpAddr) -> AddressRange {
    AddressRange::new(start, end).expect("a prefix starts before it ends")
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network(), self.prefix())
    }
}

impl fmt::Debug for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cidr({self})")
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, CidrError> {
        let (address, prefix) = text.split_once('/').ok_or(CidrError::Syntax)?;
        if !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(CidrError::Syntax);
        }
        let address = address.parse().map_err(|_| CidrError::Syntax)?;
        Self::new(address, prefix.parse().map_err(|_| CidrError::Syntax)?)
    }
}

impl Serialize for Cidr {
    /// Text for people, address and length for machines.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.network(), self.prefix()).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Cidr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
        } else {
            let (network, prefix) = Deserialize::deserialize(deserializer)?;
            Self::new(network, prefix).map_err(D::Error::custom)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cidr, CidrError};
    use crate::codec::{from_bare, to_bare};
    use crate::net::ip_number::IpFamily;
    use std::net::IpAddr;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn cidr(text: &str) -> Cidr {
        text.parse().expect("a prefix")
    }

    #[test]
    fn host_bits_are_refused_and_the_network_is_named() {
        let error = "10.0.0.5/24".parse::<Cidr>().expect_err("host bits");
        assert_eq!(error.to_string(), "10.0.0.5/24 has host bits set, the network is 10.0.0.0/24");
        assert_eq!(Cidr::containing(address("10.0.0.5"), 24), Ok(cidr("10.0.0.0/24")));
    }

    #[test]
    fn lengths_beyond_the_family_and_loose_syntax_are_refused() {
        assert_eq!(
            "10.0.0.0/33".parse::<Cidr>(),
            Err(CidrError::PrefixTooLong { prefix: 33, family: IpFamily::V4 })
        );
        for text in ["10.0.0.0", "10.0.0.0/", "10.0.0.0/+8", "10.0.0/8", "10.0.0.0/256", "/8", ""] {
            assert_eq!(text.parse::<Cidr>(), Err(CidrError::Syntax), "{text}");
        }
    }

    #[test]
    fn prefixes_contain_their_addresses_and_narrower_prefixes() {
        let subnet = cidr("10.0.2.0/23");
        assert!(subnet.contains(address("10.0.3.255")) && subnet.contains(address("10.0.2.0")));
        assert!(!subnet.contains(address("10.0.4.0")) && !subnet.contains(address("::1")));
        assert!(subnet.contains_cidr(cidr("10.0.3.0/24")) && subnet.contains_cidr(subnet));
        assert!(subnet.overlaps(cidr("10.0.0.0/8")) && cidr("10.0.0.0/8").overlaps(subnet));
        assert!(!subnet.overlaps(cidr("10.0.4.0/24")) && !subnet.overlaps(cidr("::/0")));
    }

    #[test]
    fn hosts_leave_out_what_no_host_may_hold() {
        for (text, hosts, count) in [
            ("192.0.2.0/24", "192.0.2.1-192.0.2.254", 254),
            ("192.0.2.0/30", "192.0.2.1-192.0.2.2", 2),
            ("192.0.2.0/31", "192.0.2.0-192.0.2.1", 2),
            ("192.0.2.7/32", "192.0.2.7-192.0.2.7", 1),
            ("2001:db8::/126", "2001:db8::1-2001:db8::3", 3),
            ("2001:db8::/127", "2001:db8::-2001:db8::1", 2),
            ("::/0", "::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", u128::MAX),
        ] {
            assert_eq!(cidr(text).hosts().to_string(), hosts, "{text}");
            assert_eq!(cidr(text).host_count(), count, "{text}");
        }
    }

    #[test]
    fn only_ipv4_with_room_has_a_broadcast_address() {
        assert_eq!(cidr("192.0.2.0/25").broadcast(), Some(address("192.0.2.127")));
        assert_eq!(cidr("192.0.2.0/31").broadcast(), None);
        assert_eq!(cidr("2001:db8::/64").broadcast(), None);
        assert_eq!(cidr("192.0.2.0/25").netmask(), address("255.255.255.128"));
    }

    #[test]
    fn wider_prefixes_sort_before_the_narrower_ones_inside() {
        let sorted =
            ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/24", "10.0.1.0/24", "::/0", "fd00::/8"].map(cidr);
        assert!(sorted.is_sorted());
    }

    #[test]
    fn the_serial_form_is_checked_when_read() {
        let subnet = cidr("2001:db8::/64");
        assert_eq!(serde_json::to_string(&subnet).expect("text"), "\"2001:db8::/64\"");
        assert_eq!(from_bare::<Cidr>(&to_bare(&subnet)).expect("bytes"), subnet);
        assert!(from_bare::<Cidr>(&to_bare(&(address("10.0.0.1"), 24_u8))).is_err());
        assert!(serde_json::from_str::<Cidr>("\"10.0.0.1/24\"").is_err());
    }
}
