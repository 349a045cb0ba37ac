//! An IP address as a number, for arithmetic and as an ordering key.
//!
//! Deliberately no saturation: a step out of the family's address space is `None`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which of the two Internet protocols an address belongs to. IPv4 sorts first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IpFamily {
    /// Internet Protocol version 4: 32-bit addresses.
    V4,
    /// Internet Protocol version 6: 128-bit addresses.
    V6,
}

impl IpFamily {
    /// The family of an address. IPv4-mapped IPv6 addresses are IPv6.
    #[must_use]
    pub const fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }

    /// How many bits an address of this family has.
    #[must_use]
    pub const fn bits(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }
}

impl fmt::Display for IpFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

/// The address, if it is one of IPv4.
#[must_use]
pub const fn v4(address: IpAddr) -> Option<Ipv4Addr> {
    match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    }
}

/// An address as family and number. Sorts exactly as [`IpAddr`] does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IpNumber {
    family: IpFamily,
    value: u128,
}

impl IpNumber {
    /// The number of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        let value = match address {
            IpAddr::V4(v4) => u128::from(v4.to_bits()),
            IpAddr::V6(v6) => v6.to_bits(),
        };
        Self { family: IpFamily::of(address), value }
    }

    /// The family the number counts in.
    #[must_use]
    pub const fn family(self) -> IpFamily {
        self.family
    }

    /// The number itself: 0 is `0.0.0.0` or `::`.
    #[must_use]
    pub const fn value(self) -> u128 {
        self.value
    }

    /// The address with this number.
    #[must_use]
    pub fn address(self) -> IpAddr {
        match self.family {
            IpFamily::V4 => {
                let bits = u32::try_from(self.value).expect("an IPv4 number is below 2^32");
                IpAddr::V4(Ipv4Addr::from_bits(bits))
            }
            IpFamily::V6 => IpAddr::V6(Ipv6Addr::from_bits(self.value)),
        }
    }

    /// The number `by` further up, unless that leaves the family.
    #[must_use]
    pub fn checked_add(self, by: u128) -> Option<Self> {
        let value = self.value.checked_add(by)?;
        let last = u128::MAX >> (u128::BITS - u32::from(self.family.bits()));
        (value <= last).then_some(Self { family: self.family, value })
    }

    /// The number `by` further down, unless that leaves the family.
    #[must_use]
    pub fn checked_sub(self, by: u128) -> Option<Self> {
        let value = self.value.checked_sub(by)?;
        Some(Self { family: self.family, value })
    }
}

#[cfg(test)]
mod tests {
    use super::{IpFamily, IpNumber};
    use std::net::IpAddr;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn numbers_sort_as_addresses_do() {
        let sorted = ["0.0.0.0", "9.255.0.1", "10.0.0.0", "255.255.255.255", "::", "::1", "fe80::"];
        let numbers = sorted.map(|text| IpNumber::of(address(text)));
        assert!(numbers.is_sorted());
        assert!(sorted.map(address).is_sorted());
    }

    #[test]
    fn a_number_turns_back_into_its_address() {
        for text in ["0.0.0.0", "192.0.2.255", "::", "2001:db8::ffff", "::ffff:192.0.2.1"] {
            assert_eq!(IpNumber::of(address(text)).address(), address(text));
        }
        assert_eq!(IpNumber::of(address("::ffff:192.0.2.1")).family(), IpFamily::V6);
    }

    #[test]
    fn steps_stay_inside_the_family() {
        let last_v4 = IpNumber::of(address("255.255.255.255"));
        assert_eq!(last_v4.checked_add(1), None);
        assert_eq!(last_v4.checked_sub(255).map(IpNumber::address), Some(address("255.255.255.0")));
        assert_eq!(IpNumber::of(address("::")).checked_sub(1), None);
        assert_eq!(IpNumber::of(address("ffff::")).checked_add(u128::MAX), None);
        assert_eq!(
            IpNumber::of(address("10.0.0.255")).checked_add(1).map(IpNumber::address),
            Some(address("10.0.1.0"))
        );
    }
}
