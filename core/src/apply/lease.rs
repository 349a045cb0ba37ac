//! Leases as records, which may follow which is not judged here; and their end by an admin.

use crate::apply::draft::Draft;
use crate::apply::foreign_lease;
use crate::apply::rack_event::{LEVEL_INFO, LEVEL_WARNING, Told, note_without_rack};
use crate::apply::text::{NAME_CHARS_MAX, check_length};
use crate::command::lease::LeaseCommand;
use crate::lease;
use crate::lease::binding::{Held, Tenure};
use crate::lease::give_up::Ending;
use crate::model::lease::{CLIENT_HOSTNAME_BYTES_MAX, CLIENT_ID_BYTES_MAX, Lease};
use crate::model::node::Node;
use crate::model::subnet::Subnet;
use crate::outcome::Outcome;
use crate::query::terms::terms_of;
use crate::rejection::Rejection;
use crate::state::tables::Stored;
use std::net::IpAddr;

pub(in crate::apply) fn run(
    draft: &mut Draft,
    command: &LeaseCommand,
) -> Result<Outcome, Rejection> {
    match command {
        LeaseCommand::Record { address, lease } => {
            let address = draft.resolve_address(*address)?;
            let lease = checked(draft, lease)?;
            draft.put(address, lease);
            Ok(Outcome::Updated(Lease::object(&address)))
        }
        LeaseCommand::Forget { address } => {
            let address = draft.resolve_address(*address)?;
            draft.row::<Lease>(&address)?;
            draft.delete::<Lease>(&address)?;
            Ok(Outcome::Deleted(Lease::object(&address)))
        }
        LeaseCommand::End { address, ending, by } => {
            check_length("by", by, NAME_CHARS_MAX)?;
            end(draft, draft.resolve_address(*address)?, *ending, by)
        }
        LeaseCommand::Import(leases) => {
            foreign_lease::import(draft, leases).map(Outcome::ForeignLeases)
        }
    }
}

/// Ends a lease. Its names go with it: they stand on its being bound.
fn end(draft: &mut Draft, address: IpAddr, ending: Ending, by: &str) -> Result<Outcome, Rejection> {
    let row = draft.row::<Lease>(&address)?.clone();
    check_endable(address, &row.value, ending)?;
    let (now, terms) = (draft.now(), terms_of(draft.state()));
    let binding = lease::give_up::end(&row.value.binding, ending, now);
    let rests_until = binding.free_from(&terms);
    let rests_until = match ending {
        Ending::ClientMayBeThere => rests_until.max(row.value.rests_until),
        Ending::ClientIsGone => rests_until,
    };
    let ended = Lease { binding, rests_until, ..row.value.clone() };
    if draft.replace(&address, &row, ended) {
        tell(draft, address, &row.value, ending, by);
    }
    Ok(Outcome::Updated(Lease::object(&address)))
}

fn check_endable(address: IpAddr, lease: &Lease, ending: Ending) -> Result<(), Rejection> {
    let forbids = |state: &str, reason: &str| {
        let (object, state, reason) = (Lease::object(&address), state.into(), reason.into());
        Err(Rejection::StateForbids { object, state, reason })
    };
    let is_waited_for = ending == Ending::ClientMayBeThere;
    match (lease.binding.held, ending) {
        _ if lease.is_past => forbids("past", "nobody has it, and anybody may get it"),
        (Held::Declined, Ending::ClientMayBeThere) => {
            let reason = match lease.binding.tenure() {
                Tenure::Leased => {
                    "somebody unknown uses it: it rests for a day at least, unless whoever that was is \
                     known to be gone"
                }
                Tenure::ForGood => {
                    "somebody unknown uses it, and its client had it for good: it rests until both are known \
                     to be gone"
                }
            };
            forbids("declined", reason)
        }
        _ if is_waited_for && lease.binding.tenure() == Tenure::ForGood => {
            let reason = "its client has it for good, and never lets go by itself: nobody else gets it unless somebody has made \
                          sure that the client is off";
            forbids("for good", reason)
        }
        (Held::Declined, Ending::ClientIsGone)
        | (Held::Bound | Held::Expired | Held::Released | Held::Ended, _) => Ok(()),
    }
}

fn tell(draft: &mut Draft, address: IpAddr, lease: &Lease, ending: Ending, by: &str) {
    let client = lease.binding.owner.as_ref();
    let client = client.map_or_else(|| "nobody known".to_owned(), ToString::to_string);
    let (level, said) = match ending {
        Ending::ClientMayBeThere => (LEVEL_INFO, "it rests until every right to it is over"),
        Ending::ClientIsGone => (LEVEL_WARNING, "its client was said to be gone for good"),
    };
    let by = if by.is_empty() { "an admin" } else { by };
    let description = format!("{by} ended the lease of {address} to {client}: {said}");
    let (event_type, ip_address) = ("DHCP_LEASE_ENDED", Some(address));
    note_without_rack(draft, Told { event_type, level, ip_address, description });
}

fn checked(draft: &Draft, lease: &Lease) -> Result<Lease, Rejection> {
    let mut lease = lease.clone();
    lease.subnet = draft.existing_if_any::<Subnet>("subnet", lease.subnet)?;
    lease.rack = draft.existing_if_any::<Node>("rack", lease.rack)?;
    check_length("hostname", &lease.hostname, CLIENT_HOSTNAME_BYTES_MAX)?;
    if lease.client_id.len() > CLIENT_ID_BYTES_MAX {
        let reason = format!("longer than {CLIENT_ID_BYTES_MAX} bytes");
        return Err(Rejection::invalid("client_id", reason));
    }
    if lease.binding.expires < lease.start {
        return Err(Rejection::invalid("expires", "is before the start"));
    }
    let terms = terms_of(draft.state());
    lease.rests_until = lease.rests_until.max(lease.binding.free_from(&terms));
    lease.is_past = false;
    Ok(lease)
}

/// What a lease was waiting for has come: it runs out, has rested, or is forgotten.
pub(in crate::apply) fn fall_due(draft: &mut Draft, address: IpAddr) {
    let row = draft.row::<Lease>(&address).expect("what is due is in its table").clone();
    if row.value.is_past {
        draft.delete::<Lease>(&address).expect("nothing refers to a lease");
        return;
    }
    let mut lease = row.value.clone();
    if lease.binding.held == Held::Bound {
        lease.binding.held = Held::Expired;
    } else {
        lease.is_past = true;
    }
    draft.replace(&address, &row, lease);
}
