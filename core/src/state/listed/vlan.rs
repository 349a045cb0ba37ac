//! Where VLANs are listed and what they refer to.

use crate::id::VlanId;
use crate::model::vlan::Vlan;
use crate::object::Kind;
use crate::state::index::{Indexed, Listing};

impl Indexed<VlanId> for Vlan {
    fn index(&self, id: &VlanId, listing: &mut Listing<'_>) {
        listing.entry(|indexes| &mut indexes.vlans_by_vid, (self.fabric, self.vid), *id);
        let mut links = listing.references(Kind::Vlan, *id);
        links.to(Kind::Fabric, Some(self.fabric));
        links.to(Kind::Space, self.space);
        links.to(Kind::Vlan, self.relay_vlan);
        self.racks().for_each(|rack| links.to(Kind::Node, Some(rack)));
    }
}
