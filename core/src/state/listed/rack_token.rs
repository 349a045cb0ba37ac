//! Where rack tokens are listed, what they refer to, and when they are good no more.

use crate::id::RackTokenId;
use crate::model::rack_token::RackToken;
use crate::object::Kind;
use crate::state::deadline::Deadline;
use crate::state::index::{Indexed, Listing};

impl Indexed<RackTokenId> for RackToken {
    fn index(&self, id: &RackTokenId, listing: &mut Listing<'_>) {
        listing.entry(|indexes| &mut indexes.rack_tokens_by_digest, self.digest, *id);
        listing.entry(|indexes| &mut indexes.deadlines, self.expires, Deadline::RackToken(*id));
        listing.references(Kind::RackToken, *id).to(Kind::Node, self.rack);
    }
}
