//! What the steps of the lease protocol do to one address: the lease rules decide, and what they say is recorded.

use crate::apply::draft::Draft;
use crate::apply::rack::declines;
use crate::apply::rack_event::{LEVEL_CRITICAL, Told, note};
use crate::command::rack::ClientFacts;
use crate::lease::adopt::{Adopt, Adopted, adopt};
use crate::lease::binding::{Binding, Client, Tenure};
use crate::lease::commit::Commit;
use crate::lease::give_up::{Release, Relinquish, decline, declined, release, relinquish};
use crate::lease::refusal::Refusal;
use crate::lease::server::Server;
use crate::model::lease::Lease;
use crate::outcome::LeaseAnswer;
use crate::query::around::{Around, check_concerned, check_may_tell, check_serves};
use crate::query::terms::{longest_terms_of, terms_of};
use crate::state::State;
use crate::time::Millis;
use std::net::IpAddr;

/// A client is given an address, or more time for it, by a rack that serves it in this epoch.
pub(in crate::apply::rack) fn give(
    draft: &mut Draft,
    (address, epoch): (IpAddr, u64),
    wish: &Commit,
    facts: &ClientFacts,
) -> Result<LeaseAnswer, Refusal> {
    let (now, terms) = (draft.now(), terms_of(draft.state()));
    let around = Around::of(draft.state(), address);
    let binding = around.judge(draft.state(), wish, epoch)?;
    record(draft, (address, &around), binding, Some((wish.server, Some(facts))));
    Ok(LeaseAnswer::Committed { until: now.after(wish.life), autonomy: terms.autonomy })
}

/// A client gave its address back.
pub(in crate::apply::rack) fn end(
    draft: &mut Draft,
    address: IpAddr,
    said: &Release,
) -> Result<LeaseAnswer, Refusal> {
    let around = Around::of(draft.state(), address);
    check_concerned(draft.state(), said.server, &around)?;
    let binding = release(known(&around)?, said, draft.now())?;
    record(draft, (address, &around), binding, None);
    Ok(LeaseAnswer::Done)
}

/// A client found that somebody else uses its address.
pub(in crate::apply::rack) fn set_aside(
    draft: &mut Draft,
    (server, number): (Server, u64),
    address: IpAddr,
    client: &Client,
) -> Result<LeaseAnswer, Refusal> {
    let around = Around::of(draft.state(), address);
    let last = known(&around)?;
    // Only the rack that acknowledged it last can have been told (rule R15).
    if last.acknowledged_by != Some(server) {
        return Err(Refusal::NotOwner);
    }
    last.check_order(server, number)?;
    let binding = decline(last, client, draft.now())?;
    around.subnet.map_or(Ok(()), |subnet| declines::count(draft, subnet))?;
    record(draft, (address, &around), binding, None);
    Ok(LeaseAnswer::Done)
}

/// A rack found that somebody uses an address which nobody has.
pub(in crate::apply::rack) fn set_aside_unheld(
    draft: &mut Draft,
    server: Server,
    (address, epoch): (IpAddr, u64),
) -> Result<LeaseAnswer, Refusal> {
    let (now, terms) = (draft.now(), terms_of(draft.state()));
    let around = Around::of(draft.state(), address);
    check_serves(draft.state(), server, around.subnet, epoch)?;
    around.check_given()?;
    around.standing().check_block(Some(server), now, &terms)?;
    around.standing().check_free(now, &terms)?;
    let binding = declined(around.standing().binding, now);
    around.subnet.map_or(Ok(()), |subnet| declines::count(draft, subnet))?;
    record(draft, (address, &around), binding, None);
    Ok(LeaseAnswer::Done)
}

/// A rack gives up what it might do alone.
pub(in crate::apply::rack) fn give_up(
    draft: &mut Draft,
    address: IpAddr,
    said: &Relinquish,
) -> Result<LeaseAnswer, Refusal> {
    let (now, terms) = (draft.now(), terms_of(draft.state()));
    let around = Around::of(draft.state(), address);
    check_concerned(draft.state(), said.server, &around)?;
    check_life(draft.state(), said.remaining)?;
    let binding = relinquish(known(&around)?, said, now, &terms)?;
    record(draft, (address, &around), binding, None);
    Ok(LeaseAnswer::Done)
}

/// A rack tells what it gave while nobody heard of it.
pub(in crate::apply::rack) fn take_over(
    draft: &mut Draft,
    address: IpAddr,
    told: &Adopt,
    facts: &ClientFacts,
) -> Result<LeaseAnswer, Refusal> {
    let (now, terms) = (draft.now(), terms_of(draft.state()));
    let (server, client) = (told.server, &told.client);
    let around = Around::of(draft.state(), address);
    check_may_tell(draft.state(), told, &around)?;
    check_life(draft.state(), told.remaining.longest())?;
    match adopt(&around.standing(), told, now, &terms)? {
        Adopted::Recorded(binding) => {
            // What it tells of a client that has gone is not of the one that has it now.
            let is_its_own = binding.belongs_to(client);
            let facts = Some(facts).filter(|facts| **facts != ClientFacts::default());
            let seen = is_its_own.then_some((server, facts));
            record(draft, (address, &around), binding, seen);
            Ok(LeaseAnswer::Done)
        }
        Adopted::Contradiction(binding) => {
            raise(draft, server, (address, &around), client, binding.tenure());
            record(draft, (address, &around), binding, None);
            Ok(LeaseAnswer::Contradiction)
        }
    }
}

/// The binding of an address that ought to have one.
fn known(around: &Around) -> Result<&Binding, Refusal> {
    around.standing().binding.ok_or(Refusal::NotOwner)
}

/// Stores what became of an address, the rack that has seen its client, and what is known of the client where that is at
/// hand.
fn record(
    draft: &mut Draft,
    (address, around): (IpAddr, &Around),
    binding: Binding,
    seen: Option<(Server, Option<&ClientFacts>)>,
) {
    let last = around.lease().filter(|last| last.binding.owner == binding.owner);
    let facts = seen.and_then(|(_, facts)| facts).cloned();
    let facts = facts.or_else(|| {
        let (client_id, hostname) =
            last.map(|last| (last.client_id.clone(), last.hostname.clone()))?;
        Some(ClientFacts { client_id, hostname })
    });
    let ClientFacts { client_id, hostname } = facts.unwrap_or_default();
    let now = draft.now();
    let goes_on = last
        .filter(|last| !binding.is_live(now) || (last.binding.is_live(now) && around.is_of_now()));
    let lease = Lease {
        start: goes_on.map_or(now, |last| last.start),
        rack: seen.map(|(server, _)| server.rack).or_else(|| last.and_then(|last| last.rack)),
        subnet: around.subnet,
        client_id,
        hostname,
        rests_until: binding.free_from(&terms_of(draft.state())),
        is_past: false,
        binding,
    };
    draft.put(address, lease);
}

/// Notes that two clients have one address, for somebody to look at; whether time alone will free it is known from its tenure.
fn raise(
    draft: &mut Draft,
    server: Server,
    (address, around): (IpAddr, &Around),
    client: &Client,
    tenure: Tenure,
) {
    let owner = around.lease().and_then(|lease| lease.binding.owner.as_ref());
    let owner = owner.map_or_else(|| "somebody unknown".to_owned(), ToString::to_string);
    let until = match tenure {
        Tenure::Leased => "for a day at least",
        Tenure::ForGood => "until an admin says that both are gone (lease release --now)",
    };
    let description = format!(
        "{address} is held by {owner} and, as rack {} tells, by {client}: nobody gets it {until}",
        server.rack
    );
    let (event_type, ip_address) = ("DHCP_ADDRESS_HELD_TWICE", Some(address));
    // The rack may be gone from the state; the address is kept from everybody all the same.
    note(draft, server.rack, Told { event_type, level: LEVEL_CRITICAL, ip_address, description });
}

/// No lease is longer than one can have been given for, whatever a rack says: on a clock that is not the one it was counted on
/// at first, that may be a little more.
fn check_life(state: &State, remaining: Millis) -> Result<(), Refusal> {
    let terms = longest_terms_of(state);
    if remaining <= terms.lengthened(terms.life) { Ok(()) } else { Err(Refusal::Life) }
}
