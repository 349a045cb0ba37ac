//! What BMCs refer to.

use crate::id::BmcId;
use crate::model::bmc::Bmc;
use crate::object::Kind;
use crate::state::index::{Indexed, Listing};

impl Indexed<BmcId> for Bmc {
    fn index(&self, id: &BmcId, listing: &mut Listing<'_>) {
        listing.references(Kind::Bmc, *id).to(Kind::StaticIpAddress, self.ip_address);
    }
}
