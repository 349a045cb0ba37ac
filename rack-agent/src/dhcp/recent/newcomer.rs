//! How many clients nobody knew ask for addresses: somebody who makes up hardware addresses shows here.

use crate::lease::rack_time::RackTime;
use regent_core::id::VlanId;
use regent_core::time::Millis;
use std::collections::BTreeMap;

/// More new clients of a VLAN in [`NEWCOMER_SPAN`] raise an alarm.
pub const NEWCOMERS_MAX: u64 = 300;
/// See [`NEWCOMERS_MAX`].
pub const NEWCOMER_SPAN: Millis = Millis::from_secs(60);

/// New clients by VLAN. There are as many entries as VLANs served.
#[derive(Clone, Debug, Default)]
pub struct Newcomers(BTreeMap<VlanId, (RackTime, u64)>);

impl Newcomers {
    /// Counts a new client. Returns whether there are too many.
    pub fn count(&mut self, vlan: VlanId, now: RackTime) -> bool {
        let (since, newcomers) = self.0.entry(vlan).or_insert((now, 0));
        if since.after(NEWCOMER_SPAN) <= now {
            (*since, *newcomers) = (now, 0);
        }
        *newcomers += 1;
        *newcomers > NEWCOMERS_MAX
    }
}
