//! The steps of the lease protocol, one after the other. A step that is refused changes nothing and stops nothing.

use crate::apply::draft::Draft;
use crate::apply::rack::block;
use crate::apply::rack::declines;
use crate::apply::rack::fault;
use crate::apply::rack::served::{Around, check_concerned, check_serves};
use crate::apply::rack_event::{LEVEL_CRITICAL, Told, note};
use crate::apply::text::check_length;
use crate::command::rack::{ClientFacts, LEASE_STEPS_MAX, LeaseStep};
use crate::lease::adopt::{Adopt, Adopted, adopt};
use crate::lease::binding::{Binding, Client};
use crate::lease::commit::{Commit, commit};
use crate::lease::give_up::{Release, Relinquish, decline, declined, release, relinquish};
use crate::lease::quarantine::Quarantine;
use crate::lease::refusal::Refusal;
use crate::lease::server::Server;
use crate::model::lease::{CLIENT_HOSTNAME_BYTES_MAX, CLIENT_ID_BYTES_MAX, Lease};
use crate::model::quarantine::QUARANTINE;
use crate::outcome::LeaseAnswer;
use crate::query::terms::{longest_terms_of, terms_of};
use crate::rejection::Rejection;
use crate::state::State;
use crate::time::Millis;
use std::net::IpAddr;

/// Blocks asked for by one request: finding one takes long.
const BLOCKS_MAX: usize = 1;

/// The answers, one a step.
///
/// # Errors
/// What no honest rack sends; nothing is done then.
pub(in crate::apply::rack) fn run_all(
    draft: &mut Draft,
    server: Server,
    steps: &[LeaseStep],
) -> Result<Vec<LeaseAnswer>, Rejection> {
    if steps.len() > LEASE_STEPS_MAX {
        let what = "steps of a rack's request".to_owned();
        return Err(Rejection::Limit { what, max: LEASE_STEPS_MAX as u64 });
    }
    let searches = steps.iter().filter(|step| matches!(step, LeaseStep::Delegate { .. })).count();
    if searches > BLOCKS_MAX {
        let what = "blocks of a rack's request".to_owned();
        return Err(Rejection::Limit { what, max: BLOCKS_MAX as u64 });
    }
    steps.iter().try_for_each(check_plain)?;
    let mut answers = Vec::with_capacity(steps.len());
    for step in steps {
        draft.within_budget()?;
        // All it gave is not told if some of it was not heard.
        let answer = if *step == LeaseStep::Adopted && has_refused_adoption(steps, &answers) {
            LeaseAnswer::Refused(Refusal::NotAllTold)
        } else {
            run(draft, server, step).unwrap_or_else(|refusal| {
                fault::watch(draft, server, step, refusal);
                LeaseAnswer::Refused(refusal)
            })
        };
        answers.push(answer);
    }
    Ok(answers)
}

fn has_refused_adoption(steps: &[LeaseStep], answers: &[LeaseAnswer]) -> bool {
    steps.iter().zip(answers).any(|(step, answer)| {
        matches!((step, answer), (LeaseStep::Adopt { .. }, LeaseAnswer::Refused(_)))
    })
}

fn check_plain(step: &LeaseStep) -> Result<(), Rejection> {
    let (client, facts) = match step {
        LeaseStep::Commit { client, facts, .. } | LeaseStep::Adopt { client, facts, .. } => {
            (Some(client), Some(facts))
        }
        LeaseStep::Release { client, .. }
        | LeaseStep::Decline { client, .. }
        | LeaseStep::Relinquish { client, .. } => (Some(client), None),
        LeaseStep::FoundInUse { .. }
        | LeaseStep::Adopted
        | LeaseStep::Delegate { .. }
        | LeaseStep::Extend { .. }
        | LeaseStep::Return { .. } => (None, None),
    };
    if let Some(Client::Identifier(identifier)) = client {
        check_identifier("client", identifier)?;
    }
    let Some(facts) = facts else { return Ok(()) };
    check_identifier("client_id", &facts.client_id)?;
    check_length("hostname", &facts.hostname, CLIENT_HOSTNAME_BYTES_MAX)
}

fn check_identifier(field: &str, identifier: &[u8]) -> Result<(), Rejection> {
    if identifier.len() <= CLIENT_ID_BYTES_MAX {
        return Ok(());
    }
    Err(Rejection::invalid(field, format!("longer than {CLIENT_ID_BYTES_MAX} bytes")))
}

fn run(draft: &mut Draft, server: Server, step: &LeaseStep) -> Result<LeaseAnswer, Refusal> {
    let (now, terms) = (draft.now(), terms_of(draft.state()));
    match step {
        LeaseStep::Commit { number, epoch, address, client, life, attested, claim, facts } => {
            let around = Around::of(draft.state(), *address);
            check_serves(draft.state(), server, around.subnet, *epoch)?;
            around.check_given_to(client)?;
            let (number, life, attested, claim) = (*number, *life, *attested, *claim);
            let wish = Commit { server, number, client: client.clone(), life, attested, claim };
            let binding = commit(&around.standing(), &wish, now, &terms)?;
            record(draft, (*address, &around), binding, Some((server, Some(facts))));
            Ok(LeaseAnswer::Committed { until: now.after(life), autonomy: terms.autonomy })
        }
        LeaseStep::Release { number, address, client } => {
            let around = Around::of(draft.state(), *address);
            let said = Release { server, number: *number, client: client.clone() };
            check_concerned(draft.state(), server, &around)?;
            let binding = release(known(&around)?, &said, now)?;
            record(draft, (*address, &around), binding, None);
            Ok(LeaseAnswer::Done)
        }
        LeaseStep::Decline { number, address, client } => {
            let around = Around::of(draft.state(), *address);
            let last = known(&around)?;
            // Only the rack that acknowledged it last can have been told (rule R15).
            if last.acknowledged_by != Some(server) {
                return Err(Refusal::NotOwner);
            }
            last.check_order(server, *number)?;
            let binding = decline(last, client, now)?;
            around.subnet.map_or(Ok(()), |subnet| declines::count(draft, subnet))?;
            record(draft, (*address, &around), binding, None);
            Ok(LeaseAnswer::Done)
        }
        LeaseStep::FoundInUse { epoch, address } => {
            let around = Around::of(draft.state(), *address);
            check_serves(draft.state(), server, around.subnet, *epoch)?;
            around.check_given()?;
            around.standing().check_block(Some(server), now, &terms)?;
            around.standing().check_free(now, &terms)?;
            let binding = declined(around.standing().binding, now);
            around.subnet.map_or(Ok(()), |subnet| declines::count(draft, subnet))?;
            record(draft, (*address, &around), binding, None);
            Ok(LeaseAnswer::Done)
        }
        LeaseStep::Relinquish { number, address, client, remaining } => {
            let around = Around::of(draft.state(), *address);
            check_concerned(draft.state(), server, &around)?;
            check_life(draft.state(), *remaining)?;
            let (number, remaining) = (*number, *remaining);
            let said = Relinquish { server, number, client: client.clone(), remaining };
            let binding = relinquish(known(&around)?, &said, now, &terms)?;
            record(draft, (*address, &around), binding, None);
            Ok(LeaseAnswer::Done)
        }
        LeaseStep::Adopt { number, as_of, address, client, remaining, facts } => {
            let around = Around::of(draft.state(), *address);
            check_concerned(draft.state(), server, &around)?;
            check_life(draft.state(), remaining.longest())?;
            let (number, as_of, remaining) = (*number, *as_of, *remaining);
            let told = Adopt { server, number, as_of, client: client.clone(), remaining };
            match adopt(&around.standing(), &told, now, &terms)? {
                Adopted::Recorded(binding) => {
                    // What it tells of a client that has gone is not of the one that has it now.
                    let is_its_own = binding.belongs_to(client);
                    let facts = Some(facts).filter(|facts| **facts != ClientFacts::default());
                    let seen = is_its_own.then_some((server, facts));
                    record(draft, (*address, &around), binding, seen);
                    Ok(LeaseAnswer::Done)
                }
                Adopted::Contradiction(binding) => {
                    raise(draft, server, *address, &around, client);
                    record(draft, (*address, &around), binding, None);
                    Ok(LeaseAnswer::Contradiction)
                }
            }
        }
        LeaseStep::Adopted => Ok(told_all(draft, server)),
        LeaseStep::Delegate { number, epoch, subnet, count } => {
            check_serves(draft.state(), server, Some(*subnet), *epoch)?;
            block::delegate_run(draft, (server, *number), *subnet, *count, &terms)
        }
        LeaseStep::Extend { first } => block::extend_term(draft, server, *first, &terms),
        LeaseStep::Return { number, first } => block::take_back(draft, (server, *number), *first),
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
    let goes_on = last.filter(|last| last.binding.is_live(draft.now()));
    let lease = Lease {
        start: goes_on.map_or(draft.now(), |last| last.start),
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

/// Notes that two clients have one address, for somebody to look at.
fn raise(draft: &mut Draft, server: Server, address: IpAddr, around: &Around, client: &Client) {
    let owner = around.lease().and_then(|lease| lease.binding.owner.as_ref());
    let owner = owner.map_or_else(|| "somebody unknown".to_owned(), ToString::to_string);
    let description = format!(
        "{address} is held by {owner} and, as rack {} tells, by {client}: nobody gets it for a day",
        server.rack
    );
    let (event_type, ip_address) = ("DHCP_ADDRESS_HELD_TWICE", Some(address));
    // The rack may be gone from the state; the address is kept from everybody all the same.
    note(draft, server.rack, Told { event_type, level: LEVEL_CRITICAL, ip_address, description });
}

/// The rack has told all it gave before the leases were replaced.
fn told_all(draft: &mut Draft, server: Server) -> LeaseAnswer {
    if let Some(row) = draft.state().get::<Quarantine>(&QUARANTINE).cloned() {
        let mut quarantine = row.value.clone();
        quarantine.told(server);
        if quarantine.until(draft.now()).is_none() {
            draft.state_mut().take::<Quarantine>(&QUARANTINE);
        } else {
            draft.replace(&QUARANTINE, &row, quarantine);
        }
    }
    LeaseAnswer::Done
}

/// No lease is longer than one can have been given for, whatever a rack says: on a clock that is not the one it was counted on
/// at first, that may be a little more.
fn check_life(state: &State, remaining: Millis) -> Result<(), Refusal> {
    let terms = longest_terms_of(state);
    if remaining <= terms.lengthened(terms.life) { Ok(()) } else { Err(Refusal::Life) }
}
