//! Ethernet hardware addresses (EUI-48), read in any common notation and written in one.
//!
//! Longer hardware addresses (InfiniBand) are deliberately not covered: MAAS has none.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use std::str::FromStr;

const OCTETS: usize = 6;

/// A 48-bit hardware address. Written as lower-case hexadecimal octets with colons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddr(pub [u8; OCTETS]);

/// Why a text is not a hardware address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a MAC address: want aa:bb:cc:dd:ee:ff, aa-bb-cc-dd-ee-ff or aabb.ccdd.eeff"
)]
pub struct MacAddrError {
    /// What was given, cut to [`ERROR_CHARS_MAX`] characters.
    pub text: String,
}

/// An error repeats at most this much of a wrong text.
pub const ERROR_CHARS_MAX: usize = 40;

impl MacAddr {
    /// Whether the address names a group of stations rather than one (IEEE 802, I/G bit).
    #[must_use]
    pub const fn is_multicast(self) -> bool {
        self.0[0] & 1 == 1
    }
}

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, last] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{last:02x}")
    }
}

impl FromStr for MacAddr {
    type Err = MacAddrError;

    /// Reads `aa:bb:cc:dd:ee:ff`, `aa-bb-cc-dd-ee-ff` and `aabb.ccdd.eeff`, in any case.
    fn from_str(text: &str) -> Result<Self, MacAddrError> {
        grouped(text, b':', 2)
            .or_else(|| grouped(text, b'-', 2))
            .or_else(|| grouped(text, b'.', 4))
            .map(Self)
            .ok_or_else(|| MacAddrError { text: text.chars().take(ERROR_CHARS_MAX).collect() })
    }
}

/// Twelve hexadecimal digits in groups of `digits`, with `separator` between the groups.
fn grouped(text: &str, separator: u8, digits: usize) -> Option<[u8; OCTETS]> {
    let groups = OCTETS * 2 / digits;
    if text.len() != OCTETS * 2 + groups - 1 {
        return None;
    }
    let mut value = 0_u64;
    for (position, byte) in text.bytes().enumerate() {
        if position % (digits + 1) == digits {
            if byte != separator {
                return None;
            }
        } else {
            value = value << 4 | u64::from(char::from(byte).to_digit(16)?);
        }
    }
    let [_, _, octets @ ..] = value.to_be_bytes();
    Some(octets)
}

impl Serialize for MacAddr {
    /// Text for people, six bytes for machines.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for MacAddr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
        } else {
            <[u8; OCTETS]>::deserialize(deserializer).map(Self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MacAddr;
    use crate::codec::{from_bare, to_bare};

    const MAC: MacAddr = MacAddr([0x00, 0x16, 0x3e, 0xab, 0xcd, 0xef]);

    #[test]
    fn every_notation_names_the_same_address() {
        for text in [
            "00:16:3e:ab:cd:ef",
            "00:16:3E:AB:CD:EF",
            "00-16-3e-ab-CD-ef",
            "0016.3eab.cdef",
            "0016.3EAB.CDEF",
        ] {
            assert_eq!(text.parse(), Ok(MAC), "{text}");
        }
    }

    #[test]
    fn it_is_written_in_lower_case_with_colons() {
        assert_eq!(MAC.to_string(), "00:16:3e:ab:cd:ef");
    }

    #[test]
    fn mixed_short_and_foreign_notations_are_refused() {
        for text in [
            "",
            "00:16:3e:ab:cd",
            "00:16:3e:ab:cd:ef:",
            "00:16:3e:ab:cd:eg",
            "00:16-3e:ab:cd:ef",
            "0:16:3e:ab:cd:ef",
            "00163eabcdef",
            "0016:3eab:cdef",
            "+0:16:3e:ab:cd:ef",
            "00:16:3e:ab:cd:é",
        ] {
            assert!(text.parse::<MacAddr>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_error_does_not_repeat_a_flood() {
        let error = "z".repeat(100_000).parse::<MacAddr>().expect_err("not an address");
        assert!(error.to_string().len() < 200);
    }

    #[test]
    fn text_for_people_and_six_bytes_for_machines() {
        assert_eq!(serde_json::to_string(&MAC).expect("text"), "\"00:16:3e:ab:cd:ef\"");
        assert_eq!(to_bare(&MAC), MAC.0);
        assert_eq!(from_bare::<MacAddr>(&MAC.0).expect("six bytes"), MAC);
        assert!(serde_json::from_str::<MacAddr>("\"00:16\"").is_err());
    }

    #[test]
    fn group_addresses_are_told_apart() {
        assert!(MacAddr([0xff; 6]).is_multicast());
        assert!(!MAC.is_multicast());
    }
}
