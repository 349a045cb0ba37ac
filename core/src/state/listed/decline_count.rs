//! When declines are forgotten. The subnet may go before them.

use crate::id::SubnetId;
use crate::model::decline_count::DeclineCount;
use crate::state::deadline::Deadline;
use crate::state::index::{Indexed, Listing};

impl Indexed<SubnetId> for DeclineCount {
    fn index(&self, subnet: &SubnetId, listing: &mut Listing<'_>) {
        let due = Deadline::DeclineCount(*subnet);
        listing.entry(|indexes| &mut indexes.deadlines, self.until, due);
    }
}
