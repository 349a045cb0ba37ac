//! Host names of machines and devices, and the names MAAS makes up for interfaces and addresses.
//!
//! A host name is one label. Which domain it stands in, and whether the name is free, is decided
//! elsewhere.

use crate::model::dns_name::{DomainName, DomainNameError, LABEL_OCTETS_MAX, is_host_label};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

/// The host's own label: 1 to 63 letters, digits and inner hyphens.
///
/// Keeps its case; equality, hash and order ignore it, as DNS does. Names taken over from MAAS may
/// also hold underscores ([`Self::imported`]). Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Hostname(Arc<str>);

/// Why a text is no host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostnameError {
    /// Nothing at all.
    #[error("host name is empty")]
    Empty,
    /// Longer than a label can be.
    #[error("host name of {octets} octets is longer than {LABEL_OCTETS_MAX}")]
    TooLong {
        /// How long it is.
        octets: usize,
    },
    /// Something else than letters, digits and hyphens.
    #[error("character {character:?} at column {column} has no place in a host name")]
    Character {
        /// The character.
        character: char,
        /// Where it stands, counted in octets from 1.
        column: usize,
    },
    /// A hyphen at either end.
    #[error("host name starts or ends with a hyphen")]
    OuterHyphen,
}

impl Hostname {
    /// A host name by the rules for new names (RFC 952 with RFC 1123 2.1): no underscores, no dots.
    ///
    /// # Errors
    /// Says which rule is broken, and where.
    pub fn new(text: &str) -> Result<Self, HostnameError> {
        Self::checked(text, |octet| octet.is_ascii_alphanumeric() || octet == b'-')
    }

    /// A host name as an existing MAAS database may hold it: as [`Self::new`], but underscores are
    /// let through.
    ///
    /// For imports and for reading back what was stored; new names go through [`Self::new`].
    ///
    /// # Errors
    /// Says which rule is broken, and where.
    pub fn imported(text: &str) -> Result<Self, HostnameError> {
        Self::checked(text, |octet| octet.is_ascii_alphanumeric() || b"-_".contains(&octet))
    }

    /// The name an address without any other name is given: `10-0-0-7`; for IPv6 all eight groups
    /// in full.
    #[must_use]
    pub fn for_address(address: IpAddr) -> Self {
        let text = match address {
            IpAddr::V4(v4) => v4.octets().map(|octet| octet.to_string()).join("-"),
            IpAddr::V6(v6) => v6.segments().map(|group| format!("{group:04x}")).join("-"),
        };
        Self(Arc::from(text))
    }

    /// The text, case as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name obeys the rules for new names; imported ones may not.
    #[must_use]
    pub fn is_strict(&self) -> bool {
        is_host_label(self.0.as_bytes())
    }

    /// The full name of this host in a domain.
    ///
    /// # Errors
    /// A domain so long that the host's label does not fit any more.
    pub fn in_domain(&self, domain: &DomainName) -> Result<DomainName, DomainNameError> {
        domain.child(self.0.as_bytes())
    }

    fn checked(text: &str, allowed: impl Fn(u8) -> bool) -> Result<Self, HostnameError> {
        if text.is_empty() {
            return Err(HostnameError::Empty);
        }
        if text.len() > LABEL_OCTETS_MAX {
            return Err(HostnameError::TooLong { octets: text.len() });
        }
        let stray = |(_, c): &(usize, char)| !u8::try_from(*c).is_ok_and(&allowed);
        if let Some((at, character)) = text.char_indices().find(stray) {
            return Err(HostnameError::Character { character, column: at + 1 });
        }
        if text.starts_with('-') || text.ends_with('-') {
            return Err(HostnameError::OuterHyphen);
        }
        Ok(Self(Arc::from(text)))
    }
}

/// `IFACE.HOST.DOMAIN`: the name of an address that is not the host's main one.
///
/// None if nothing usable remains of the interface's name, or the whole is too long.
///
/// As in MAAS (`get_iface_name_based_hostname`), underscores become hyphens, leading non-letters
/// and trailing non-alphanumerics go, case stays, and inner dots stay too, so `bond0.100` makes two
/// labels. What MAAS would hand to BIND although it is no host label is mended here: other
/// characters become hyphens, hyphens at the ends of a label and empty labels go.
#[must_use]
pub fn interface_fqdn(interface: &str, host: &DomainName) -> Option<DomainName> {
    let hyphenated: String = interface
        .trim_start_matches(|c: char| !c.is_ascii_alphabetic())
        .trim_end_matches(|c: char| !c.is_ascii_alphanumeric())
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' })
        .collect();
    let mut labels = hyphenated
        .split('.')
        .map(|label| label.trim_matches('-').as_bytes())
        .filter(|label| !label.is_empty())
        .peekable();
    labels.peek()?;
    DomainName::from_labels(labels.chain(host.labels())).ok()
}

impl FromStr for Hostname {
    type Err = HostnameError;

    fn from_str(text: &str) -> Result<Self, HostnameError> {
        Self::new(text)
    }
}

impl fmt::Display for Hostname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq for Hostname {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Hostname {}

impl Hash for Hostname {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for octet in self.0.bytes() {
            state.write_u8(octet.to_ascii_lowercase());
        }
        state.write_u8(0xff);
    }
}

impl Ord for Hostname {
    fn cmp(&self, other: &Self) -> Ordering {
        let lower = |octet: u8| octet.to_ascii_lowercase();
        self.0.bytes().map(lower).cmp(other.0.bytes().map(lower))
    }
}

impl PartialOrd for Hostname {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Hostname {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Hostname {
    /// By the rules for imported names, so that whatever was stored can be read.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::imported(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{Hostname, HostnameError, interface_fqdn};
    use crate::codec::{from_bare, to_bare};
    use crate::model::dns_name::DomainName;

    fn name(text: &str) -> DomainName {
        text.parse().expect("a name")
    }

    #[test]
    fn letters_digits_and_inner_hyphens_make_a_host_name() {
        for text in ["a", "7", "r52-u43-fb7", "Web-01", &"n".repeat(63)] {
            assert_eq!(Hostname::new(text).expect(text).as_str(), text);
        }
    }

    #[test]
    fn errors_say_which_rule_is_broken() {
        for (text, error) in [
            ("", HostnameError::Empty),
            (&"n".repeat(64), HostnameError::TooLong { octets: 64 }),
            ("node_07", HostnameError::Character { character: '_', column: 5 }),
            ("web.maas", HostnameError::Character { character: '.', column: 4 }),
            ("wéb", HostnameError::Character { character: 'é', column: 2 }),
            ("-web", HostnameError::OuterHyphen),
            ("web-", HostnameError::OuterHyphen),
        ] {
            assert_eq!(Hostname::new(text), Err(error), "{text}");
        }
    }

    #[test]
    fn imported_names_may_have_underscores_and_survive_storage() {
        let host = Hostname::imported("node_07").expect("lenient");
        assert!(!host.is_strict());
        let back: Hostname = from_bare(&to_bare(&host)).expect("stored");
        assert_eq!(back.as_str(), "node_07");
        assert!(Hostname::imported("node 07").is_err());
    }

    #[test]
    fn case_is_kept_but_makes_no_difference() {
        let (upper, lower) = (Hostname::new("Web-01"), Hostname::new("web-01"));
        assert_eq!(upper, lower);
        assert_eq!(upper.expect("a name").to_string(), "Web-01");
    }

    #[test]
    fn addresses_without_a_name_are_named_after_themselves() {
        for (address, host) in
            [("10.0.0.7", "10-0-0-7"), ("2001:db8::1", "2001-0db8-0000-0000-0000-0000-0000-0001")]
        {
            let address = address.parse().expect("an address");
            assert_eq!(Hostname::for_address(address).as_str(), host);
            assert!(Hostname::for_address(address).is_strict());
        }
    }

    #[test]
    fn interface_names_are_cleaned_as_maas_does() {
        let host = name("odd-names.lab.example.net");
        for (interface, cleaned) in [
            ("eth0", "eth0"),
            ("bond0.1376", "bond0.1376"),
            ("br_lan-0", "br-lan-0"),
            ("0eth.weird", "eth.weird"),
            ("_eth0-", "eth0"),
            ("Ethernet0", "Ethernet0"),
            ("eth0:1", "eth0-1"),
            ("br-.5", "br.5"),
            ("a..b", "a.b"),
        ] {
            let full = name(cleaned).join(&host).expect("short enough");
            let made = interface_fqdn(interface, &host).expect(interface);
            assert!(made.is_spelled_like(&full), "{interface}: {made}");
        }
    }

    #[test]
    fn an_interface_name_of_which_nothing_remains_gives_no_name() {
        let host = name("web.maas");
        for interface in ["", "123", "__", &"e".repeat(64)] {
            assert_eq!(interface_fqdn(interface, &host), None, "{interface}");
        }
    }
}
