//! How many addresses racks may say are in use by somebody unknown (rule R15).

use crate::apply::draft::Draft;
use crate::id::SubnetId;
use crate::lease::refusal::Refusal;
use crate::model::decline_count::{DECLINES_ONE_IN, DECLINES_SPAN_MILLIS, DeclineCount};
use crate::model::ip_range::IpRangeType;
use crate::query::network::ranges;

/// Counts one address of a subnet.
///
/// # Errors
/// [`Refusal::TooManyDeclines`]; nothing is counted then.
pub(in crate::apply::rack) fn count(draft: &mut Draft, subnet: SubnetId) -> Result<(), Refusal> {
    let now = draft.now();
    let row = draft.state().get::<DeclineCount>(&subnet).map(|row| row.value);
    let fresh = DeclineCount { declines: 0, until: now.after(DECLINES_SPAN_MILLIS) };
    let counted = row.filter(|counted| now < counted.until).unwrap_or(fresh);
    let dynamic = ranges(draft.state(), subnet, IpRangeType::Dynamic);
    let addresses: u128 = dynamic.map(|range| range.value.address_count()).sum();
    if u128::from(counted.declines) >= (addresses / DECLINES_ONE_IN).max(1) {
        return Err(Refusal::TooManyDeclines { until: counted.until });
    }
    draft.put(subnet, DeclineCount { declines: counted.declines + 1, ..counted });
    Ok(())
}
