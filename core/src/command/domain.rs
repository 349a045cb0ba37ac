//! Commands about domains.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::DomainId;
use crate::model::dns_name::DomainName;
use crate::model::domain::Domain;
use crate::model::forward_server::ForwardServer;

/// A change of the domains.
pub type DomainCommand = Edit<Domain, DomainPatch, DomainId>;

patch! {
    /// Changed fields of a domain.
    DomainPatch of Domain {
        /// Its name.
        name: DomainName,
        /// Whether the region answers for it.
        authoritative: bool,
        /// Time to live in seconds.
        ttl: Option<u32>,
        /// Who is asked about names in it.
        forward_servers: Vec<ForwardServer>,
    }
}
