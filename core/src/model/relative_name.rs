//! A name relative to a domain, as DNS resources have it: `web`, `_sip._udp.voice`, `*` or `@`.
//!
//! Which domain it is relative to, and whether it is free there, is decided elsewhere.

use crate::model::dns_name::{DomainName, DomainNameError};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::fmt;
use std::str::FromStr;

/// A name relative to a domain. Keeps its case; equality and order ignore it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelativeName(DomainName);

/// Why a text is no relative name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelativeNameError {
    /// Against the rules of all names.
    #[error(transparent)]
    Name(#[from] DomainNameError),
    /// A label with other characters than letters, digits, hyphens and underscores.
    #[error("label {position} is not made of letters, digits, hyphens and underscores")]
    Label {
        /// Which, counted from 1.
        position: usize,
    },
}

impl RelativeName {
    /// The domain itself, written `@`.
    #[must_use]
    pub fn apex() -> Self {
        Self(DomainName::root())
    }

    /// Whether this is the domain itself.
    #[must_use]
    pub fn is_apex(&self) -> bool {
        self.0.is_root()
    }

    /// Whether the two are spelled alike, case included.
    #[must_use]
    pub fn is_spelled_like(&self, other: &Self) -> bool {
        self.0.is_spelled_like(&other.0)
    }

    /// The labels from the left; none for the apex.
    pub fn labels(&self) -> impl Iterator<Item = &[u8]> {
        self.0.labels()
    }

    /// The full name in a domain.
    ///
    /// # Errors
    /// A name above its limits.
    pub fn in_domain(&self, domain: &DomainName) -> Result<DomainName, DomainNameError> {
        self.0.join(domain)
    }

    /// What is left of `name` without `domain`, if it is that domain or below it.
    #[must_use]
    pub fn of(name: &DomainName, domain: &DomainName) -> Option<Self> {
        if !name.is_subdomain_of(domain) {
            return None;
        }
        let count = name.label_count().checked_sub(domain.label_count())?;
        DomainName::from_labels(name.labels().take(count)).ok().map(Self)
    }
}

impl FromStr for RelativeName {
    type Err = RelativeNameError;

    fn from_str(text: &str) -> Result<Self, RelativeNameError> {
        if text == "@" {
            return Ok(Self::apex());
        }
        let name: DomainName = text.parse()?;
        for (label, position) in name.labels().zip(1..) {
            let wildcard = position == 1 && label == b"*";
            if !wildcard && !is_service_or_host_label(label) {
                return Err(RelativeNameError::Label { position });
            }
        }
        Ok(Self(name))
    }
}

/// Labels of hosts, and those of services with their underscore (RFC 2782).
fn is_service_or_host_label(label: &[u8]) -> bool {
    let hyphen = |octet: Option<&u8>| octet == Some(&b'-');
    !hyphen(label.first())
        && !hyphen(label.last())
        && label.iter().all(|octet| octet.is_ascii_alphanumeric() || b"-_".contains(octet))
}

impl fmt::Display for RelativeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_apex() { f.write_str("@") } else { self.0.fmt(f) }
    }
}

impl Serialize for RelativeName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RelativeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{RelativeName, RelativeNameError};
    use crate::model::dns_name::DomainName;

    fn name(text: &str) -> DomainName {
        text.parse().unwrap()
    }

    #[test]
    fn names_complete_to_full_ones_and_back() {
        for (relative, full) in [
            ("@", "lab.maas"),
            ("web", "web.lab.maas"),
            ("_sip._udp.voice", "_sip._udp.voice.lab.maas"),
        ] {
            let relative: RelativeName = relative.parse().unwrap();
            assert_eq!(relative.in_domain(&name("lab.maas")).unwrap(), name(full));
            assert_eq!(RelativeName::of(&name(full), &name("LAB.maas")), Some(relative));
        }
        assert_eq!(RelativeName::of(&name("web.maas"), &name("lab.maas")), None);
    }

    #[test]
    fn star_stands_alone_and_only_at_the_left() {
        assert!("*".parse::<RelativeName>().is_ok() && "*.a".parse::<RelativeName>().is_ok());
        for (text, position) in [("a.*", 2), ("*a", 1), ("-a", 1), ("a b", 1)] {
            let refused = text.replace(' ', "\\032").parse::<RelativeName>();
            assert_eq!(refused, Err(RelativeNameError::Label { position }), "{text}");
        }
    }
}
