//! Where blocks are listed: nobody else is given their addresses. The subnet may go before them.
//!
//! They do not overlap, so the last one that begins before an address is the only one that may hold it.

use crate::model::lease_block::LeaseBlock;
use crate::state::deadline::Deadline;
use crate::state::index::{Indexed, Listing};
use std::net::IpAddr;

impl Indexed<IpAddr> for LeaseBlock {
    fn index(&self, first: &IpAddr, listing: &mut Listing<'_>) {
        self.addresses(*first).for_each(|address| listing.occupies(address));
        let due = Deadline::LeaseBlock(*first);
        listing.entry(|indexes| &mut indexes.deadlines, self.rests_until, due);
    }
}
