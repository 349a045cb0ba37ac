//! Leases as records. Which may follow which is not judged here.

use crate::apply::draft::Draft;
use crate::apply::foreign_lease;
use crate::apply::text::check_length;
use crate::command::lease::LeaseCommand;
use crate::lease::binding::Held;
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
        LeaseCommand::Import(leases) => {
            foreign_lease::import(draft, leases).map(Outcome::ForeignLeases)
        }
    }
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
