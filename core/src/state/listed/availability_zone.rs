//! Where availability zones are listed and what they refer to.

use crate::id::AvailabilityZoneId;
use crate::model::availability_zone::AvailabilityZone;
use crate::state::index::{Indexed, Listing};

impl Indexed<AvailabilityZoneId> for AvailabilityZone {
    fn index(&self, id: &AvailabilityZoneId, listing: &mut Listing<'_>) {
        listing.entry(|indexes| &mut indexes.zones_by_name, self.name.clone(), *id);
    }
}
