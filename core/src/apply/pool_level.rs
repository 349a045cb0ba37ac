//! Tells when the dynamic addresses of a subnet run out, before they have. Counted as rows come and go, so an entry costs no
//! more on a site with many leases.

use crate::apply::draft::Draft;
use crate::apply::rack_event::{LEVEL_CRITICAL, LEVEL_WARNING, Told, note_without_rack};
use crate::id::SubnetId;
use crate::model::pool_level::PoolLevel;
use crate::model::subnet::Subnet;
use crate::state::State;
use crate::state::dynamic_pools::Fill;

/// Events of one entry: one may change any number of subnets.
const TOLD_PER_ENTRY_MAX: usize = 64;

/// Follows what an entry did to dynamic ranges and their addresses. A site that comes in whole is as it is: its events are those
/// it brings.
pub(in crate::apply) fn follow(before: &State, draft: &mut Draft) {
    let (earlier, later) =
        (&before.indexes().dynamic_pools, &draft.state().indexes().dynamic_pools);
    let changed: Vec<_> = earlier.changed(later).collect();
    let mut told = 0;
    for (subnet, fill) in changed {
        let last = draft.state().get::<PoolLevel>(&subnet).map(|row| row.value);
        let next = fill.and_then(|fill| PoolLevel::after(last, fill.taken, fill.addresses));
        match next {
            None => {
                draft.state_mut().take::<PoolLevel>(&subnet);
            }
            Some(level) => {
                draft.put(subnet, level);
            }
        }
        if let (Some(level), Some(fill)) = (next.filter(|next| last < Some(*next)), fill)
            && told < TOLD_PER_ENTRY_MAX
            && !draft.is_replaced()
        {
            told += 1;
            tell(draft, subnet, level, fill);
        }
    }
}

fn tell(draft: &mut Draft, subnet: SubnetId, reached: PoolLevel, fill: Fill) {
    let cidr = draft.state().get::<Subnet>(&subnet).map(|row| row.value.cidr.to_string());
    let Fill { addresses, taken } = fill;
    let (event_type, level) = match reached {
        PoolLevel::NearlyFull => ("DHCP_POOL_NEARLY_FULL", LEVEL_WARNING),
        PoolLevel::Full => ("DHCP_POOL_FULL", LEVEL_CRITICAL),
    };
    let description = format!(
        "{taken} of {addresses} dynamic addresses of subnet {} are taken: {} % is reached",
        cidr.unwrap_or_default(),
        reached.reached_percent()
    );
    note_without_rack(draft, Told { event_type, level, ip_address: None, description });
}
