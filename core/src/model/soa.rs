//! The data of a zone's SOA record (RFC 1035 3.3.13).

use crate::model::dns_name::DomainName;
use crate::model::serial::Serial;
use std::cmp::Ordering;
use std::fmt;

/// Start of authority: who serves a zone, and how secondaries and caches are to treat it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Soa {
    /// The primary name server.
    pub mname: DomainName,
    /// The mailbox of who is responsible, written as a name.
    pub rname: DomainName,
    /// The zone's serial.
    pub serial: Serial,
    /// How often secondaries ask, in seconds.
    pub refresh: u32,
    /// How soon they ask again after a failure, in seconds.
    pub retry: u32,
    /// How long they serve without success, in seconds.
    pub expire: u32,
    /// How long "no such name" is remembered, in seconds (RFC 2308).
    pub minimum: u32,
}

impl Soa {
    /// The data as it goes on the wire, names uncompressed.
    #[must_use]
    pub fn to_wire(&self) -> Vec<u8> {
        let numbers = self.numbers().map(u32::to_be_bytes);
        [self.mname.as_wire(), self.rname.as_wire(), numbers.as_flattened()].concat()
    }

    const fn numbers(&self) -> [u32; 5] {
        [self.serial.0, self.refresh, self.retry, self.expire, self.minimum]
    }
}

impl fmt::Display for Soa {
    /// The zone-file form on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.mname.with_final_dot(), self.rname.with_final_dot())?;
        self.numbers().iter().try_for_each(|number| write!(f, " {number}"))
    }
}

impl Ord for Soa {
    /// A fixed order for sets; says nothing about which serial is newer.
    fn cmp(&self, other: &Self) -> Ordering {
        let names = (&self.mname, &self.rname).cmp(&(&other.mname, &other.rname));
        names.then_with(|| self.numbers().cmp(&other.numbers()))
    }
}

impl PartialOrd for Soa {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::Soa;
    use crate::model::serial::Serial;

    fn soa() -> Soa {
        Soa {
            mname: "maas".parse().expect("a name"),
            rname: "nobody.example.com".parse().expect("a name"),
            serial: Serial(17),
            refresh: 600,
            retry: 1800,
            expire: 604_800,
            minimum: 30,
        }
    }

    #[test]
    fn names_are_written_absolute() {
        assert_eq!(soa().to_string(), "maas. nobody.example.com. 17 600 1800 604800 30");
    }

    #[test]
    fn the_wire_form_has_two_names_and_five_numbers() {
        let wire = b"\x04maas\x00\x06nobody\x07example\x03com\x00\x00\x00\x00\x11\x00\x00\x02\x58\
            \x00\x00\x07\x08\x00\x09\x3a\x80\x00\x00\x00\x1e";
        assert_eq!(soa().to_wire(), wire);
    }
}
