//! What is due by the entry's time happens before its command does (databend-meta's applier does the same).

use crate::apply::cut_over;
use crate::apply::draft::Draft;
use crate::apply::idempotency;
use crate::apply::import;
use crate::apply::lease;
use crate::apply::noun;
use crate::apply::session;
use crate::id::StaticIpAddressId;
use crate::lease::quarantine::Quarantine;
use crate::model::decline_count::DeclineCount;
use crate::model::lease_block::LeaseBlock;
use crate::model::quarantine::QUARANTINE;
use crate::model::rack_life::RackLife;
use crate::model::rack_token::RackToken;
use crate::model::static_ip_address::StaticIpAddress;
use crate::planted;
use crate::state::deadline::Deadline;

/// Deadlines handled by one entry; the rest follow with the next.
const EXPIRED_PER_ENTRY_MAX: usize = 256;

/// Handles what is due.
pub(in crate::apply) fn run(draft: &mut Draft) {
    for _ in 0..EXPIRED_PER_ENTRY_MAX {
        let Some(due) = next_due(draft) else { return };
        match due {
            Deadline::Session(id) => session::close(draft, id),
            Deadline::ProvisionalAddress(id) => give_up(draft, id),
            Deadline::Import(id) => import::drop_collected(draft, &id),
            Deadline::Lease(address) => lease::fall_due(draft, address),
            Deadline::LeaseBlock(first) => {
                draft.state_mut().take::<LeaseBlock>(&first);
            }
            Deadline::RackLife(id) => {
                draft.state_mut().take::<RackLife>(&id);
            }
            Deadline::RackToken(id) => {
                draft.state_mut().take::<RackToken>(&id);
            }
            Deadline::DeclineCount(subnet) => {
                draft.state_mut().take::<DeclineCount>(&subnet);
            }
            Deadline::CutOver(subnet) => cut_over::fall_due(draft, subnet),
            Deadline::Quarantine => {
                draft.state_mut().take::<Quarantine>(&QUARANTINE);
            }
            Deadline::IdempotencyKey(id) => idempotency::forget(draft, &id),
        }
    }
}

/// Ends a provisional address. Should a rule forbid that, it becomes a lasting one, so that it is not due for ever.
fn give_up(draft: &mut Draft, id: StaticIpAddressId) {
    let before = draft.checkpoint();
    if noun::delete::<StaticIpAddress>(draft, id).is_ok() {
        return;
    }
    draft.roll_back(before);
    draft
        .modify::<StaticIpAddress>(&id, |address| address.temp_expires_on = None)
        .expect("what is due is in its table");
}

fn next_due(draft: &Draft) -> Option<Deadline> {
    let (when, what) = draft.state().indexes().deadlines.iter().next()?;
    let is_lease = matches!(what, Deadline::Lease(_));
    let now = if is_lease { planted::time_of_leases(draft.now()) } else { draft.now() };
    (*when <= now).then(|| what.clone())
}
