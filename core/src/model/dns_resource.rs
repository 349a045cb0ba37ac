//! A DNS resource: a name of a domain that people gave, with the addresses linked to it.
//!
//! Its other records are [`crate::model::dns_data`].

use crate::id::{DomainId, StaticIpAddressId};
use crate::model::relative_name::RelativeName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A DNS resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DnsResource {
    /// Its name in the domain; unique there without regard to case.
    pub name: RelativeName,
    /// The domain.
    pub domain: DomainId,
    /// Time to live of its addresses in seconds; the domain's if absent.
    pub address_ttl: Option<u32>,
    /// The addresses it has.
    pub addresses: BTreeSet<StaticIpAddressId>,
}
