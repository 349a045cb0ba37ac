//! What workload annotations refer to. They are found by node through their key.

use crate::model::owner_data::{OwnerData, OwnerDataKey};
use crate::object::{Kind, ObjectRef};
use crate::state::index::{Indexed, Listing};
use crate::state::tables::Stored;

impl Indexed<OwnerDataKey> for OwnerData {
    fn index(&self, key: &OwnerDataKey, listing: &mut Listing<'_>) {
        listing.refers(ObjectRef::numbered(Kind::Node, key.node), Self::object(key));
    }
}
