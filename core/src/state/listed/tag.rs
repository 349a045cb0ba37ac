//! Where tags are listed and what they refer to.

use crate::id::TagId;
use crate::model::tag::Tag;
use crate::state::index::{Indexed, Listing};

impl Indexed<TagId> for Tag {
    fn index(&self, id: &TagId, listing: &mut Listing<'_>) {
        listing.entry(|indexes| &mut indexes.tags_by_name, self.name.clone(), *id);
    }
}
