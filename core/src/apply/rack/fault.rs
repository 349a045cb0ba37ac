//! What a rack asked of what is not its own. The rules have refused it; here it is noted, once an hour for each rack and kind.

use crate::apply::draft::Draft;
use crate::apply::rack_event::{LEVEL_WARNING, Told, note};
use crate::command::rack::LeaseStep;
use crate::id::{RackLifeId, SubnetId};
use crate::lease::refusal::Refusal;
use crate::lease::server::Server;
use crate::model::lease_block::LeaseBlock;
use crate::model::rack_fault::{FAULT_TOLD_AGAIN_MILLIS, RackFault};
use crate::model::rack_life::RackLife;
use crate::model::subnet::Subnet;
use crate::query::around::{service_of, subnet_around};
use crate::state::State;
use std::net::IpAddr;

/// What a step is about.
#[derive(Clone, Copy)]
enum Concerns {
    Address(IpAddr),
    Subnet(SubnetId),
    Block(IpAddr),
    Nothing,
}

/// Notes that a rack asked what it may not, if that is why it was refused.
pub(in crate::apply::rack) fn watch(
    draft: &mut Draft,
    server: Server,
    step: &LeaseStep,
    refusal: Refusal,
) {
    let (about, epoch) = concerns(step);
    let Some(fault) = fault(draft.state(), server, (about, epoch), refusal) else { return };
    let ip_address = match about {
        Concerns::Address(address) | Concerns::Block(address) => Some(address),
        Concerns::Subnet(_) | Concerns::Nothing => None,
    };
    tell(draft, server, fault, ip_address);
}

/// Notes a fault, unless one of its kind was noted a short time ago.
pub(in crate::apply::rack) fn tell(
    draft: &mut Draft,
    server: Server,
    fault: RackFault,
    ip_address: Option<IpAddr>,
) {
    let (life, now) = (RackLifeId(server.incarnation.0), draft.now());
    let Some(row) = draft.state().get::<RackLife>(&life).cloned() else { return };
    let last = row.value.faults.get(&fault);
    if last.is_some_and(|last| now < last.after(FAULT_TOLD_AGAIN_MILLIS)) {
        return;
    }
    let mut noted = row.value.clone();
    noted.faults.insert(fault, now);
    draft.replace(&life, &row, noted);
    let what = match fault {
        RackFault::NotServed => "asked about what it does not serve",
        RackFault::Unknown => "asked about what no subnet of this site has",
        RackFault::NotItsBlock => "spoke of a block of addresses that is another rack's",
        RackFault::TooManyDeclines => "found more addresses of a subnet in use than are believed",
    };
    let description =
        format!("rack {} {what}, and was refused; told once an hour at most", server.rack);
    let (event_type, level) = (fault.event_type(), LEVEL_WARNING);
    note(draft, server.rack, Told { event_type, level, ip_address, description });
}

/// What a step is about, and the epoch of the service in which it was asked, if it says so.
fn concerns(step: &LeaseStep) -> (Concerns, Option<u64>) {
    match step {
        LeaseStep::Commit { epoch, address, .. } | LeaseStep::FoundInUse { epoch, address } => {
            (Concerns::Address(*address), Some(*epoch))
        }
        LeaseStep::Release { address, .. }
        | LeaseStep::Decline { address, .. }
        | LeaseStep::Relinquish { address, .. }
        | LeaseStep::Adopt { address, .. } => (Concerns::Address(*address), None),
        LeaseStep::Delegate { epoch, subnet, .. } => (Concerns::Subnet(*subnet), Some(*epoch)),
        LeaseStep::Extend { first } | LeaseStep::Return { first, .. } => {
            (Concerns::Block(*first), None)
        }
        LeaseStep::Adopted => (Concerns::Nothing, None),
    }
}

/// The fault, if it is one: a rack that does not know yet what has changed since it asked did nothing wrong.
fn fault(
    state: &State,
    server: Server,
    (about, epoch): (Concerns, Option<u64>),
    refusal: Refusal,
) -> Option<RackFault> {
    let is_foreign = match refusal {
        Refusal::NotServing | Refusal::NotDelegated => true,
        Refusal::TooManyDeclines { .. } => return Some(RackFault::TooManyDeclines),
        Refusal::Owned { .. }
        | Refusal::Resting { .. }
        | Refusal::Ended { .. }
        | Refusal::Declined { .. }
        | Refusal::InBlock { .. }
        | Refusal::Reserved
        | Refusal::Quarantined { .. }
        | Refusal::Closed { .. }
        | Refusal::Outdated { .. }
        | Refusal::Late { .. }
        | Refusal::NotOwner
        | Refusal::RenewedSince { .. }
        | Refusal::NotGiven
        | Refusal::NoBlock
        | Refusal::NotAllTold
        | Refusal::Life => false,
    };
    if !is_foreign {
        return None;
    }
    let subnet = match about {
        Concerns::Address(address) => subnet_around(state, address),
        Concerns::Subnet(subnet) => state.get::<Subnet>(&subnet).map(|_| subnet),
        Concerns::Block(first) => {
            let block = state.get::<LeaseBlock>(&first);
            let is_anothers = block.is_some_and(|block| block.value.block.server != server);
            return is_anothers.then_some(RackFault::NotItsBlock);
        }
        Concerns::Nothing => return None,
    };
    let Some(subnet) = subnet else { return Some(RackFault::Unknown) };
    let service = service_of(state, subnet);
    let serves = service.is_some_and(|service| service.servers.contains(&server.rack));
    let present = service.map_or(0, |service| service.epoch);
    let is_stale = epoch.is_some_and(|epoch| epoch < present);
    (!serves && !is_stale).then_some(RackFault::NotServed)
}
