//! The data of DNS records as checked values, with their zone-file and wire forms.
//!
//! Reading the zone-file form stands in [`crate::model::record_parse`]. Names of owners, TTLs and
//! the rules between records (one CNAME and nothing beside it) are not known here.

use crate::model::dns_name::DomainName;
use crate::model::master_file::write_quoted;
use crate::model::record_type::RecordType;
use crate::model::soa::Soa;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Longest character string, as in TXT (RFC 1035 3.3).
pub const STRING_OCTETS_MAX: usize = 255;

/// Longest record data: on the wire it could have 65,535 octets (RFC 1035 3.2.1), but so has a whole message, which
/// holds a header (12), a question (259), the record's owner and fixed fields (265) and an OPT record (11) as well.
pub const RDATA_OCTETS_MAX: usize = 64_900;

/// Longest set of records of one name and type, which stands in one message too. Each record counts with its data and
/// [`RECORD_FIXED_OCTETS`].
pub const RRSET_OCTETS_MAX: usize = 65_000;

/// What a record takes beside its data where its owner is known: a pointer to that, type, class, time to live, length.
pub const RECORD_FIXED_OCTETS: usize = 12;

/// The data of one DNS record. Small, cheap to clone; names inside keep their case and compare
/// without it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordData {
    /// IPv4 address.
    A(Ipv4Addr),
    /// IPv6 address.
    Aaaa(Ipv6Addr),
    /// Certification authority authorization.
    Caa(Box<Caa>),
    /// Canonical name.
    Cname(DomainName),
    /// Mail exchange.
    Mx {
        /// Lower is tried first.
        preference: u16,
        /// The mail server; the root says that no mail is taken (RFC 7505).
        exchange: DomainName,
    },
    /// Name server.
    Ns(DomainName),
    /// Name of an address.
    Ptr(DomainName),
    /// Start of authority.
    Soa(Box<Soa>),
    /// Service location.
    Srv {
        /// Lower is tried first.
        priority: u16,
        /// Share among those of one priority.
        weight: u16,
        /// TCP or UDP port.
        port: u16,
        /// The server; the root says that the service is not offered.
        target: DomainName,
    },
    /// SSH key fingerprint.
    Sshfp(Box<Sshfp>),
    /// Text strings.
    Txt(Txt),
}

/// Certification authority authorization: flags, tag and value (RFC 8659 4.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Caa {
    flags: u8,
    tag: Box<str>,
    value: Box<[u8]>,
}

/// SSH key fingerprint: algorithm, fingerprint type and fingerprint (RFC 4255 3.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sshfp {
    algorithm: u8,
    fingerprint_type: u8,
    fingerprint: Box<[u8]>,
}

/// One or more character strings (RFC 1035 3.3.14).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Txt(Box<[Box<[u8]>]>);

/// Which rule of its type a record's data breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordRule {
    /// A TXT record without strings.
    #[error("at least one string is needed")]
    NoString,
    /// A string above [`STRING_OCTETS_MAX`].
    #[error("string of {octets} octets is longer than {STRING_OCTETS_MAX}; split it into several")]
    StringTooLong {
        /// How long it is.
        octets: usize,
    },
    /// Data above [`RDATA_OCTETS_MAX`].
    #[error("record data of {octets} octets is longer than {RDATA_OCTETS_MAX}")]
    DataTooLong {
        /// How long it is.
        octets: usize,
    },
    /// A CAA tag with anything but ASCII letters and digits, or of no or over 255 octets.
    #[error("tag is not made of 1 to 255 ASCII letters and digits")]
    Tag,
    /// A fingerprint of the wrong length for its type, or of none.
    #[error("fingerprint of {octets} octets does not fit its type, which has {wanted}")]
    Fingerprint {
        /// How long it is.
        octets: usize,
        /// How long its type is: 20 for SHA-1, 32 for SHA-256, at least 1 otherwise.
        wanted: usize,
    },
}

impl RecordData {
    /// The type of the record.
    #[must_use]
    pub const fn record_type(&self) -> RecordType {
        match self {
            Self::A(_) => RecordType::A,
            Self::Aaaa(_) => RecordType::Aaaa,
            Self::Caa(_) => RecordType::Caa,
            Self::Cname(_) => RecordType::Cname,
            Self::Mx { .. } => RecordType::Mx,
            Self::Ns(_) => RecordType::Ns,
            Self::Ptr(_) => RecordType::Ptr,
            Self::Soa(_) => RecordType::Soa,
            Self::Srv { .. } => RecordType::Srv,
            Self::Sshfp(_) => RecordType::Sshfp,
            Self::Txt(_) => RecordType::Txt,
        }
    }

    /// The data as it goes on the wire, names uncompressed. At most [`RDATA_OCTETS_MAX`] octets.
    #[must_use]
    pub fn to_wire(&self) -> Vec<u8> {
        match self {
            Self::A(address) => address.octets().to_vec(),
            Self::Aaaa(address) => address.octets().to_vec(),
            Self::Caa(caa) => caa.to_wire(),
            Self::Cname(name) | Self::Ns(name) | Self::Ptr(name) => name.as_wire().to_vec(),
            Self::Mx { preference, exchange } => {
                [&preference.to_be_bytes(), exchange.as_wire()].concat()
            }
            Self::Soa(soa) => soa.to_wire(),
            Self::Srv { priority, weight, port, target } => {
                let numbers = [priority, weight, port].map(|number| number.to_be_bytes());
                [numbers.as_flattened(), target.as_wire()].concat()
            }
            Self::Sshfp(sshfp) => {
                [&[sshfp.algorithm, sshfp.fingerprint_type], &*sshfp.fingerprint].concat()
            }
            Self::Txt(txt) => txt.to_wire(),
        }
    }
}

impl Caa {
    /// A CAA property.
    ///
    /// # Errors
    /// A tag that is none, or a value too long for record data.
    pub fn new(flags: u8, tag: &str, value: &[u8]) -> Result<Self, RecordRule> {
        let fits = (1..=STRING_OCTETS_MAX).contains(&tag.len());
        if !fits || !tag.bytes().all(|octet| octet.is_ascii_alphanumeric()) {
            return Err(RecordRule::Tag);
        }
        check_data_length(2 + tag.len() + value.len())?;
        Ok(Self { flags, tag: tag.into(), value: value.into() })
    }

    fn to_wire(&self) -> Vec<u8> {
        let length = u8::try_from(self.tag.len()).expect("a tag has at most 255 octets");
        [&[self.flags, length], self.tag.as_bytes(), &self.value].concat()
    }
}

impl Sshfp {
    /// A fingerprint.
    ///
    /// # Errors
    /// A length other than the fingerprint type has (SHA-1: RFC 4255, SHA-256: RFC 6594).
    pub fn new(
        algorithm: u8,
        fingerprint_type: u8,
        fingerprint: &[u8],
    ) -> Result<Self, RecordRule> {
        let octets = fingerprint.len();
        let wanted = match fingerprint_type {
            1 => 20,
            2 => 32,
            _ => octets.max(1),
        };
        if octets != wanted {
            return Err(RecordRule::Fingerprint { octets, wanted });
        }
        check_data_length(2 + octets)?;
        Ok(Self { algorithm, fingerprint_type, fingerprint: fingerprint.into() })
    }
}

impl Txt {
    /// The strings of a TXT record.
    ///
    /// # Errors
    /// No string, one above [`STRING_OCTETS_MAX`], or too many for record data.
    pub fn new(strings: Vec<Vec<u8>>) -> Result<Self, RecordRule> {
        if strings.is_empty() {
            return Err(RecordRule::NoString);
        }
        if let Some(long) = strings.iter().find(|string| string.len() > STRING_OCTETS_MAX) {
            return Err(RecordRule::StringTooLong { octets: long.len() });
        }
        check_data_length(strings.iter().map(|string| 1 + string.len()).sum())?;
        Ok(Self(strings.into_iter().map(Vec::into_boxed_slice).collect()))
    }

    /// The strings, at least one.
    pub fn strings(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(|string| &**string)
    }

    fn to_wire(&self) -> Vec<u8> {
        let mut wire = Vec::new();
        for string in self.strings() {
            wire.push(u8::try_from(string.len()).expect("a string has at most 255 octets"));
            wire.extend_from_slice(string);
        }
        wire
    }
}

fn check_data_length(octets: usize) -> Result<(), RecordRule> {
    if octets > RDATA_OCTETS_MAX { Err(RecordRule::DataTooLong { octets }) } else { Ok(()) }
}

impl fmt::Display for RecordData {
    /// The zone-file form, names absolute with their final dot.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::A(address) => address.fmt(f),
            Self::Aaaa(address) => address.fmt(f),
            Self::Caa(caa) => caa.fmt(f),
            Self::Cname(name) | Self::Ns(name) | Self::Ptr(name) => name.with_final_dot().fmt(f),
            Self::Mx { preference, exchange } => {
                write!(f, "{preference} {}", exchange.with_final_dot())
            }
            Self::Soa(soa) => soa.fmt(f),
            Self::Srv { priority, weight, port, target } => {
                write!(f, "{priority} {weight} {port} {}", target.with_final_dot())
            }
            Self::Sshfp(sshfp) => sshfp.fmt(f),
            Self::Txt(txt) => txt.fmt(f),
        }
    }
}

impl fmt::Display for Caa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.flags, self.tag)?;
        write_quoted(f, &self.value)
    }
}

impl fmt::Display for Sshfp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.algorithm, self.fingerprint_type)?;
        self.fingerprint.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Display for Txt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, string) in self.strings().enumerate() {
            if position > 0 {
                f.write_str(" ")?;
            }
            write_quoted(f, string)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Caa, RDATA_OCTETS_MAX, RecordData, RecordRule, Sshfp, Txt};
    use crate::model::dns_name::DomainName;

    fn name(text: &str) -> DomainName {
        text.parse().expect("a name")
    }

    #[test]
    fn the_wire_form_is_that_of_each_types_rfc() {
        let target = name("a.b");
        let mx = RecordData::Mx { preference: 258, exchange: target.clone() };
        let srv = RecordData::Srv { priority: 1, weight: 2, port: 5060, target };
        let caa = Caa::new(128, "issue", b"ca").map(Box::new).map(RecordData::Caa);
        let txt = Txt::new(vec![b"hi".to_vec(), Vec::new()]).map(RecordData::Txt);
        let sshfp = Sshfp::new(4, 9, &[0xab]).map(Box::new).map(RecordData::Sshfp);
        for (data, wire) in [
            (RecordData::A([192, 0, 2, 1].into()), b"\xc0\x00\x02\x01".as_slice()),
            (RecordData::Ns(name("a.b")), b"\x01a\x01b\x00"),
            (mx, b"\x01\x02\x01a\x01b\x00"),
            (srv, b"\x00\x01\x00\x02\x13\xc4\x01a\x01b\x00"),
            (caa.expect("fits"), b"\x80\x05issueca"),
            (txt.expect("fits"), b"\x02hi\x00"),
            (sshfp.expect("fits"), b"\x04\x09\xab"),
        ] {
            assert_eq!(data.to_wire(), wire, "{data}");
        }
    }

    #[test]
    fn strings_and_fingerprints_have_their_lengths() {
        assert_eq!(Txt::new(vec![]), Err(RecordRule::NoString));
        let long = Txt::new(vec![vec![b'a'; 256]]);
        assert_eq!(long, Err(RecordRule::StringTooLong { octets: 256 }));
        let mut strings = vec![vec![b'a'; 99]; RDATA_OCTETS_MAX / 100];
        assert!(Txt::new(strings.clone()).is_ok());
        strings[0].push(b'a');
        let many = Txt::new(strings);
        assert_eq!(many, Err(RecordRule::DataTooLong { octets: RDATA_OCTETS_MAX + 1 }));
        assert!(Sshfp::new(1, 1, &[0; 20]).is_ok() && Sshfp::new(4, 2, &[0; 32]).is_ok());
        let short = Sshfp::new(4, 2, &[0; 20]);
        assert_eq!(short, Err(RecordRule::Fingerprint { octets: 20, wanted: 32 }));
        assert!(Sshfp::new(4, 7, &[]).is_err() && Sshfp::new(4, 7, &[0]).is_ok());
        assert_eq!(Caa::new(0, "is-sue", b""), Err(RecordRule::Tag));
        assert_eq!(Caa::new(0, "", b""), Err(RecordRule::Tag));
    }

    #[test]
    fn a_hundred_thousand_records_stay_small() {
        assert!(size_of::<RecordData>() <= 24, "{}", size_of::<RecordData>());
    }
}
