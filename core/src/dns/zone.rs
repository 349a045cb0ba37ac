//! A zone the region is authoritative for: what is the same for all its names.

use crate::model::dns_name::DomainName;
use crate::model::serial::Serial;
use crate::model::soa::Soa;
use crate::net::cidr::Cidr;

/// How often secondaries ask, in seconds: MAAS's value, as are the next two.
pub const REFRESH_SECONDS: u32 = 600;
/// How soon they ask again after a failure, in seconds.
pub const RETRY_SECONDS: u32 = 1800;
/// How long they serve without success, in seconds.
pub const EXPIRE_SECONDS: u32 = 604_800;
/// The mailbox MAAS names as responsible, as labels.
const RESPONSIBLE: [&[u8]; 3] = [b"nobody", b"example", b"com"];

/// What a zone is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneKind {
    /// The names of a domain.
    Forward,
    /// The names of the addresses in a network.
    Reverse(Cidr),
}

/// A zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its name, where its SOA record stands.
    pub apex: DomainName,
    /// What it is about.
    pub kind: ZoneKind,
    /// Time to live where nothing else is said, and of negative answers, in seconds.
    pub ttl: u32,
    /// Its primary name server by MAAS's custom: itself, or for reverse zones the default domain.
    pub primary: DomainName,
    /// The name all zones give as their name server: the default domain's.
    pub server: DomainName,
}

impl Zone {
    /// Its SOA record's data.
    #[must_use]
    pub fn soa(&self, serial: Serial) -> Soa {
        Soa {
            mname: self.primary.clone(),
            rname: DomainName::from_labels(RESPONSIBLE).expect("three short labels"),
            serial,
            refresh: REFRESH_SECONDS,
            retry: RETRY_SECONDS,
            expire: EXPIRE_SECONDS,
            minimum: self.ttl,
        }
    }
}
