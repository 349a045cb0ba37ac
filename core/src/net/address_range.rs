//! An inclusive run of addresses of one family.
//!
//! What a range is *for* (dynamic, reserved) lives in the model, not here.

use crate::net::ip_number::{IpFamily, IpNumber};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// The addresses from `start` to `end`, both included. Sorts by start, then by end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Bounds", into = "Bounds")]
pub struct AddressRange {
    start: IpAddr,
    end: IpAddr,
}

/// Why two addresses bound no range, or a text names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressRangeError {
    /// One bound is IPv4, the other IPv6.
    #[error("range bounds {start} and {end} are of different families")]
    MixedFamilies {
        /// The first bound given.
        start: IpAddr,
        /// The second bound given.
        end: IpAddr,
    },
    /// The end lies before the start.
    #[error("range start {start} is after its end {end}")]
    Reversed {
        /// The first bound given.
        start: IpAddr,
        /// The second bound given.
        end: IpAddr,
    },
    /// Not two addresses with a hyphen between them.
    #[error("address range is not written as start-end")]
    Syntax,
}

/// The serial form; checked on the way in.
#[derive(Serialize, Deserialize)]
#[serde(rename = "AddressRange")]
struct Bounds {
    start: IpAddr,
    end: IpAddr,
}

impl AddressRange {
    /// The range between two addresses, both included.
    ///
    /// # Errors
    /// Bounds of different families, or in the wrong order.
    pub fn new(start: IpAddr, end: IpAddr) -> Result<Self, AddressRangeError> {
        if IpFamily::of(start) != IpFamily::of(end) {
            return Err(AddressRangeError::MixedFamilies { start, end });
        }
        if start > end {
            return Err(AddressRangeError::Reversed { start, end });
        }
        Ok(Self { start, end })
    }

    /// The range of one address.
    #[must_use]
    pub const fn single(address: IpAddr) -> Self {
        Self { start: address, end: address }
    }

    /// The first address.
    #[must_use]
    pub const fn start(self) -> IpAddr {
        self.start
    }

    /// The last address.
    #[must_use]
    pub const fn end(self) -> IpAddr {
        self.end
    }

    /// The family of every address in it.
    #[must_use]
    pub const fn family(self) -> IpFamily {
        IpFamily::of(self.start)
    }

    /// Whether the address lies inside. Never for the other family.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        self.start <= address && address <= self.end
    }

    /// Whether every address of `other` lies inside.
    #[must_use]
    pub fn contains_range(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two share an address.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    /// How many addresses it has, at least one; all of IPv6 (2^128) counts as [`u128::MAX`].
    #[must_use]
    pub fn address_count(self) -> u128 {
        let distance = IpNumber::of(self.end).value() - IpNumber::of(self.start).value();
        distance.saturating_add(1)
    }

    /// The address `offset` places after the start, if the range reaches that far.
    #[must_use]
    pub fn nth(self, offset: u128) -> Option<IpAddr> {
        let address = IpNumber::of(self.start).checked_add(offset)?.address();
        self.contains(address).then_some(address)
    }
}

impl TryFrom<Bounds> for AddressRange {
    type Error = AddressRangeError;

    fn try_from(bounds: Bounds) -> Result<Self, AddressRangeError> {
        Self::new(bounds.start, bounds.end)
    }
}

impl From<AddressRange> for Bounds {
    fn from(range: AddressRange) -> Self {
        Self { start: range.start, end: range.end }
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.start, self.end)
    }
}

impl FromStr for AddressRange {
    type Err = AddressRangeError;

    fn from_str(text: &str) -> Result<Self, AddressRangeError> {
        let (start, end) = text.split_once('-').ok_or(AddressRangeError::Syntax)?;
        let bound = |part: &str| part.trim().parse().map_err(|_| AddressRangeError::Syntax);
        Self::new(bound(start)?, bound(end)?)
    }
}

#[cfg(test)]
mod tests {
    use super::{AddressRange, AddressRangeError};
    use crate::codec::{from_bare, to_bare};
    use std::net::IpAddr;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn range(text: &str) -> AddressRange {
        text.parse().expect("a range")
    }

    #[test]
    fn both_bounds_are_inside() {
        let range = range("10.0.0.10-10.0.0.20");
        for (text, inside) in [
            ("10.0.0.9", false),
            ("10.0.0.10", true),
            ("10.0.0.20", true),
            ("10.0.0.21", false),
            ("::a00:f", false),
        ] {
            assert_eq!(range.contains(address(text)), inside, "{text}");
        }
    }

    #[test]
    fn touching_ranges_overlap_only_when_they_share_an_address() {
        let range_10_20 = range("10.0.0.10-10.0.0.20");
        assert!(range_10_20.overlaps(range("10.0.0.20-10.0.0.30")));
        assert!(range_10_20.overlaps(range("10.0.0.0-10.0.0.255")));
        assert!(!range_10_20.overlaps(range("10.0.0.21-10.0.0.30")));
        assert!(!range_10_20.overlaps(range("::-ffff::")));
        assert!(range_10_20.contains_range(range("10.0.0.11-10.0.0.20")));
        assert!(!range_10_20.contains_range(range("10.0.0.11-10.0.0.21")));
    }

    #[test]
    fn addresses_are_counted_inclusively() {
        assert_eq!(AddressRange::single(address("10.0.0.1")).address_count(), 1);
        assert_eq!(range("0.0.0.0-255.255.255.255").address_count(), 1 << 32);
        assert_eq!(range("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").address_count(), u128::MAX);
    }

    #[test]
    fn nth_ends_with_the_range() {
        let range = range("10.0.0.254-10.0.1.1");
        assert_eq!(range.nth(2), Some(address("10.0.1.0")));
        assert_eq!(range.nth(3), Some(range.end()));
        assert_eq!(range.nth(4), None);
        assert_eq!(range.nth(u128::MAX), None);
    }

    #[test]
    fn wrong_bounds_are_refused_by_name() {
        let parse = |text: &str| text.parse::<AddressRange>().expect_err(text);
        assert!(matches!(parse("10.0.0.1-::1"), AddressRangeError::MixedFamilies { .. }));
        assert!(matches!(parse("10.0.0.2-10.0.0.1"), AddressRangeError::Reversed { .. }));
        assert_eq!(parse("10.0.0.1"), AddressRangeError::Syntax);
        assert_eq!(parse("10.0.0.1-"), AddressRangeError::Syntax);
    }

    #[test]
    fn the_serial_form_is_checked_when_read() {
        let range = range("10.0.0.1-10.0.0.2");
        let text = r#"{"start":"10.0.0.1","end":"10.0.0.2"}"#;
        assert_eq!(serde_json::to_string(&range).expect("text"), text);
        assert_eq!(from_bare::<AddressRange>(&to_bare(&range)).expect("bytes"), range);
        let reversed = to_bare(&(range.end(), range.start()));
        assert!(from_bare::<AddressRange>(&reversed).is_err());
    }
}
