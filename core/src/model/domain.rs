//! A DNS domain: a name under which nodes and records live.

use crate::model::dns_name::DomainName;
use crate::model::forward_server::ForwardServer;
use serde::{Deserialize, Serialize};

/// Longest time to live, in seconds (RFC 2181 section 8).
pub const TTL_SECONDS_MAX: u32 = 0x7FFF_FFFF;

/// A DNS domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// Its name; unique without regard to case.
    pub name: DomainName,
    /// Whether the region answers for it. If not, names in it are only recorded.
    pub authoritative: bool,
    /// Time to live of its records in seconds, where they have none of their own.
    pub ttl: Option<u32>,
    /// Who is asked about names in it (MAAS's forward DNS servers); only if it is not authoritative.
    pub forward_servers: Vec<ForwardServer>,
}

impl Domain {
    /// A domain the region answers for, with MAAS's defaults.
    #[must_use]
    pub const fn new(name: DomainName) -> Self {
        Self { name, authoritative: true, ttl: None, forward_servers: Vec::new() }
    }
}
