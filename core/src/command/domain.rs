//! Commands about domains.

use crate::command::patch::patch;
use crate::id::DomainId;
use crate::model::dns_name::DomainName;
use crate::model::domain::Domain;
use serde::{Deserialize, Serialize};

/// A change of the domains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DomainCommand {
    /// A new one.
    Create(Domain),
    /// Other values for some fields.
    Update {
        /// Which.
        id: DomainId,
        /// The fields and their values.
        patch: DomainPatch,
    },
    /// Gone, if nothing lives in it.
    Delete {
        /// Which.
        id: DomainId,
    },
}

patch! {
    /// Changed fields of a domain.
    DomainPatch of Domain {
        /// Its name.
        name: DomainName,
        /// Whether the region answers for it.
        authoritative: bool,
        /// Time to live in seconds.
        ttl: Option<u32>,
    }
}
