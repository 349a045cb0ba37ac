//! Where API tokens are listed and what they refer to.

use crate::id::ApiTokenId;
use crate::model::api_token::ApiToken;
use crate::object::Kind;
use crate::state::index::{Indexed, Listing};

impl Indexed<ApiTokenId> for ApiToken {
    fn index(&self, id: &ApiTokenId, listing: &mut Listing<'_>) {
        listing.entry(|indexes| &mut indexes.tokens_by_key, self.token_key.clone(), *id);
        listing.references(Kind::ApiToken, *id).to(Kind::User, Some(self.user));
    }
}
