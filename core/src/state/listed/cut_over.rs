//! When it is looked whether closed addresses of a subnet open again. The subnet may go before them.

use crate::id::SubnetId;
use crate::model::cut_over::CutOver;
use crate::state::deadline::Deadline;
use crate::state::index::{Indexed, Listing};

impl Indexed<SubnetId> for CutOver {
    fn index(&self, subnet: &SubnetId, listing: &mut Listing<'_>) {
        if let Some(due) = self.looked_at {
            listing.entry(|indexes| &mut indexes.deadlines, due, Deadline::CutOver(*subnet));
        }
    }
}
