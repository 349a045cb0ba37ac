//! What the defaults of the site refer to: none of it can be deleted.

use crate::id::GlobalDefaultsId;
use crate::model::global_defaults::GlobalDefaults;
use crate::object::Kind;
use crate::state::index::{Indexed, Listing};

impl Indexed<GlobalDefaultsId> for GlobalDefaults {
    fn index(&self, id: &GlobalDefaultsId, listing: &mut Listing<'_>) {
        let mut links = listing.references(Kind::GlobalDefaults, *id);
        links.to(Kind::Domain, Some(self.domain));
        links.to(Kind::AvailabilityZone, Some(self.zone));
        links.to(Kind::ResourcePool, Some(self.pool));
        links.to(Kind::Fabric, Some(self.fabric));
    }
}
