//! Region nodes are few: they are found by going through them.

use crate::id::MemberId;
use crate::model::member::Member;
use crate::state::index::{Indexed, Listing};

impl Indexed<MemberId> for Member {
    fn index(&self, _: &MemberId, _: &mut Listing<'_>) {}
}
