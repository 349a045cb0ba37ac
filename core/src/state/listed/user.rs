//! Where users are listed.

use crate::id::UserId;
use crate::model::user::User;
use crate::state::index::{Indexed, Listing};

impl Indexed<UserId> for User {
    fn index(&self, id: &UserId, listing: &mut Listing<'_>) {
        listing.entry(|indexes| &mut indexes.users_by_name, self.username.clone(), *id);
    }
}
