//! Where domains are listed and what they refer to.

use crate::id::DomainId;
use crate::model::domain::Domain;
use crate::state::index::{Indexed, Listing};

impl Indexed<DomainId> for Domain {
    fn index(&self, id: &DomainId, listing: &mut Listing<'_>) {
        listing.entry(|indexes| &mut indexes.domains_by_name, self.name.clone(), *id);
    }
}
