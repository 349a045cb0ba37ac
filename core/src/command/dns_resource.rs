//! Commands about DNS resources.

use crate::command::edit::Edit;
use crate::command::patch::patch;
use crate::id::{DnsResourceId, DomainId, StaticIpAddressId};
use crate::model::dns_resource::DnsResource;
use crate::model::relative_name::RelativeName;
use std::collections::BTreeSet;

/// A change of the DNS resources.
pub type DnsResourceCommand = Edit<DnsResource, DnsResourcePatch, DnsResourceId>;

patch! {
    /// Changed fields of a DNS resource.
    DnsResourcePatch of DnsResource {
        /// Its name in the domain.
        name: RelativeName,
        /// The domain.
        domain: DomainId,
        /// Time to live of its addresses in seconds.
        address_ttl: Option<u32>,
        /// All addresses it has from now on.
        addresses: BTreeSet<StaticIpAddressId>,
    }
}
