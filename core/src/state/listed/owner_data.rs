//! Workload annotations are found by node through their key, and go with it.

use crate::model::owner_data::{OwnerData, OwnerDataKey};
use crate::state::index::{Indexed, Listing};

impl Indexed<OwnerDataKey> for OwnerData {
    fn index(&self, _: &OwnerDataKey, _: &mut Listing<'_>) {}
}
