//! The types of DNS records Regent stores or derives.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The type of a DNS record. Stored by position: append, never reorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordType {
    /// IPv4 address (RFC 1035).
    A,
    /// IPv6 address (RFC 3596).
    Aaaa,
    /// Certification authority authorization (RFC 8659).
    Caa,
    /// Canonical name of an alias (RFC 1035).
    Cname,
    /// Mail exchange (RFC 1035).
    Mx,
    /// Authoritative name server (RFC 1035).
    Ns,
    /// Name of an address (RFC 1035).
    Ptr,
    /// Start of a zone of authority (RFC 1035).
    Soa,
    /// Location of a service (RFC 2782).
    Srv,
    /// SSH key fingerprint (RFC 4255).
    Sshfp,
    /// Text (RFC 1035).
    Txt,
}

/// A text that names no type Regent knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown record type")]
pub struct UnknownRecordType;

impl RecordType {
    /// Every type, in order.
    pub const ALL: [Self; 11] = [
        Self::A,
        Self::Aaaa,
        Self::Caa,
        Self::Cname,
        Self::Mx,
        Self::Ns,
        Self::Ptr,
        Self::Soa,
        Self::Srv,
        Self::Sshfp,
        Self::Txt,
    ];

    /// The type's number on the wire.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::A => 1,
            Self::Ns => 2,
            Self::Cname => 5,
            Self::Soa => 6,
            Self::Ptr => 12,
            Self::Mx => 15,
            Self::Txt => 16,
            Self::Aaaa => 28,
            Self::Srv => 33,
            Self::Sshfp => 44,
            Self::Caa => 257,
        }
    }

    /// The type with this number, if Regent knows it.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|rtype| rtype.code() == code)
    }

    /// The mnemonic, in capitals.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Caa => "CAA",
            Self::Cname => "CNAME",
            Self::Mx => "MX",
            Self::Ns => "NS",
            Self::Ptr => "PTR",
            Self::Soa => "SOA",
            Self::Srv => "SRV",
            Self::Sshfp => "SSHFP",
            Self::Txt => "TXT",
        }
    }

    /// Whether people may store records of this type (MAAS's `dnsdata`, and CAA, which MAAS's
    /// database holds though its API refuses it). The others are derived: addresses are linked to a
    /// resource, PTR and SOA follow.
    #[must_use]
    pub const fn is_stored(self) -> bool {
        match self {
            Self::Caa | Self::Cname | Self::Mx | Self::Ns | Self::Srv | Self::Sshfp | Self::Txt => {
                true
            }
            Self::A | Self::Aaaa | Self::Ptr | Self::Soa => false,
        }
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for RecordType {
    type Err = UnknownRecordType;

    /// Reads a mnemonic in any case.
    fn from_str(text: &str) -> Result<Self, UnknownRecordType> {
        Self::ALL
            .into_iter()
            .find(|rtype| rtype.as_str().eq_ignore_ascii_case(text))
            .ok_or(UnknownRecordType)
    }
}

#[cfg(test)]
mod tests {
    use super::{RecordType, UnknownRecordType};

    #[test]
    fn every_type_is_found_by_its_mnemonic_and_its_number() {
        for rtype in RecordType::ALL {
            assert_eq!(rtype.as_str().to_lowercase().parse(), Ok(rtype));
            assert_eq!(RecordType::from_code(rtype.code()), Some(rtype));
            let json = format!("\"{rtype}\"");
            assert_eq!(serde_json::to_string(&rtype).expect("text"), json);
        }
        assert_eq!("NAPTR".parse::<RecordType>(), Err(UnknownRecordType));
        assert_eq!(RecordType::from_code(35), None);
    }
}
