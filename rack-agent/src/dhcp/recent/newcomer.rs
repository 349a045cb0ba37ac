//! How many clients nobody knows are heard: whoever makes up hardware addresses neither fills the region's log nor empties
//! a pool at once.

use crate::dhcp::recent::spent::Spent;
use crate::lease::rack_time::RackTime;
use regent_core::id::VlanId;
use regent_core::time::Millis;
use std::collections::BTreeMap;

/// New clients of a VLAN that are heard at once.
pub const BURST_NEWCOMERS_MAX: u64 = 1024;
/// Time after which one more is heard.
pub const NEWCOMER_MILLIS: u64 = 50;
const NEWCOMER: Millis = Millis(NEWCOMER_MILLIS);
const FULL: Millis = Millis(BURST_NEWCOMERS_MAX * NEWCOMER_MILLIS);

/// A token bucket for each VLAN. There are as many as VLANs served.
#[derive(Clone, Debug, Default)]
pub struct Newcomers(BTreeMap<VlanId, Spent>);

impl Newcomers {
    /// Whether a client nobody knows may be heard now; if so, that is counted.
    pub fn admit(&mut self, vlan: VlanId, now: RackTime) -> bool {
        let spent = Spent::and_one(self.0.get(&vlan).copied(), NEWCOMER, FULL, now);
        if let Some(spent) = spent {
            self.0.insert(vlan, spent);
        }
        spent.is_some()
    }
}
