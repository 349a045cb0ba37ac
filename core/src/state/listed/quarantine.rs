//! When the quarantine ends.

use crate::id::QuarantineId;
use crate::lease::quarantine::Quarantine;
use crate::state::deadline::Deadline;
use crate::state::index::{Indexed, Listing};

impl Indexed<QuarantineId> for Quarantine {
    fn index(&self, _: &QuarantineId, listing: &mut Listing<'_>) {
        listing.entry(|indexes| &mut indexes.deadlines, self.end(), Deadline::Quarantine);
    }
}
