//! A DNS domain: a name under which nodes and records live.

use crate::model::dns_name::DomainName;
use serde::{Deserialize, Serialize};

/// A DNS domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// Its name; unique without regard to case.
    pub name: DomainName,
    /// Whether the region answers for it. If not, names in it are only recorded.
    pub authoritative: bool,
    /// Time to live of its records in seconds, where they have none of their own.
    pub ttl: Option<u32>,
}
