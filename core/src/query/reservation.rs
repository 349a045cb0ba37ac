//! Whether the client of a reserved IP can have its address already (rule R16).

use crate::lease::binding::Client;
use crate::lease::refusal::Refusal;
use crate::model::lease::Lease;
use crate::model::reserved_ip::ReservedIp;
use crate::query::lease_why::address::judged;
use crate::query::terms::terms_of;
use crate::state::State;
use crate::time::ClusterTime;

/// Why the client of a reservation does not get its address yet: somebody has it, may have it, or may give it. It is what a
/// rack would hear that asked now; none if it would hear yes, or if no rack serves the address, so that nobody asks.
#[must_use]
pub fn reservation_waits(state: &State, reserved: &ReservedIp) -> Option<Refusal> {
    let client = Client::Card(reserved.mac_address);
    let refusal = judged(state, reserved.ip, &client).err()?;
    (refusal != Refusal::NotServing).then_some(refusal)
}

/// When a reservation that waits need not wait any more, unless whoever has the address renews before; none if it does not
/// wait, or if that does not end by itself.
#[must_use]
pub fn reservation_pending_until(state: &State, reserved: &ReservedIp) -> Option<ClusterTime> {
    let refusal = reservation_waits(state, reserved)?;
    // An address rests after its lease, too (rule R3).
    let until = if let Refusal::Owned { .. } = refusal {
        let lease = &state.get::<Lease>(&reserved.ip)?.value;
        Some(lease.rests_until.max(lease.binding.free_from(&terms_of(state))))
    } else {
        refusal.until()
    };
    until.filter(|until| *until != ClusterTime::NEVER)
}
