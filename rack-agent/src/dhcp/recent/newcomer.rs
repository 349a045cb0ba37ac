//! How many clients nobody knows are heard: whoever makes up hardware addresses neither fills the region's log nor empties
//! a large pool at once.

use crate::dhcp::recent::spent::Spent;
use crate::lease::rack_time::RackTime;
use crate::newcomer_limit::NewcomerLimit;
use regent_core::id::VlanId;
use std::collections::BTreeMap;

/// A token bucket for each VLAN. There are as many as VLANs served.
#[derive(Clone, Debug, Default)]
pub struct Newcomers {
    limit: NewcomerLimit,
    spent: BTreeMap<VlanId, Spent>,
}

impl Newcomers {
    /// Hears so many.
    #[must_use]
    pub const fn within(limit: NewcomerLimit) -> Self {
        Self { limit, spent: BTreeMap::new() }
    }

    /// The limit.
    #[must_use]
    pub const fn limit(&self) -> NewcomerLimit {
        self.limit
    }

    /// Whether a client nobody knows may be heard now; if so, that is counted.
    pub fn admit(&mut self, vlan: VlanId, now: RackTime) -> bool {
        let last = self.spent.get(&vlan).copied();
        let spent = Spent::and_one(last, self.limit.pause(), self.limit.fills_in(), now);
        if let Some(spent) = spent {
            self.spent.insert(vlan, spent);
        }
        spent.is_some()
    }
}
