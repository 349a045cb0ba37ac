//! The steps of the lease protocol, one after the other. A step that is refused changes nothing and stops nothing.

use crate::apply::draft::Draft;
use crate::apply::event;
use crate::apply::rack::block;
use crate::apply::rack::served::{Around, check_serves};
use crate::apply::text::check_length;
use crate::command::rack::{ClientFacts, LEASE_STEPS_MAX, LeaseStep};
use crate::id::VlanId;
use crate::lease::adopt::{Adopt, Adopted, adopt};
use crate::lease::binding::{Binding, Client};
use crate::lease::commit::{Commit, commit};
use crate::lease::give_up::{Release, Relinquish, decline, declined, release, relinquish};
use crate::lease::refusal::Refusal;
use crate::lease::server::Server;
use crate::lease::terms::Terms;
use crate::model::dhcp_service::DhcpService;
use crate::model::event::Event;
use crate::model::lease::{CLIENT_HOSTNAME_BYTES_MAX, CLIENT_ID_BYTES_MAX, Lease};
use crate::outcome::LeaseAnswer;
use crate::rejection::Rejection;
use std::net::IpAddr;

/// Blocks asked for by one request: finding one takes long.
const BLOCKS_MAX: usize = 4;
/// Python's `logging.CRITICAL`.
const LEVEL_CRITICAL: u8 = 50;

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
        answers.push(run(draft, server, step).unwrap_or_else(LeaseAnswer::Refused));
    }
    Ok(answers)
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
    let (now, terms) = (draft.now(), Terms::default());
    match step {
        LeaseStep::Commit { number, epoch, address, client, life, attested, facts } => {
            let around = Around::of(draft.state(), *address);
            check_serves(draft.state(), server, around.subnet, *epoch)?;
            around.check_given_to(client)?;
            let (number, life, attested) = (*number, *life, *attested);
            let wish = Commit { server, number, client: client.clone(), life, attested };
            let binding = commit(&around.standing(), &wish, now, &terms)?;
            let end = now.after(life);
            record(draft, (*address, &around), binding, Some((server, facts)));
            Ok(LeaseAnswer::Committed(end))
        }
        LeaseStep::Release { number, address, client } => {
            let around = Around::of(draft.state(), *address);
            let said = Release { server, number: *number, client: client.clone() };
            let binding = release(known(&around)?, &said, now)?;
            record(draft, (*address, &around), binding, None);
            Ok(LeaseAnswer::Done)
        }
        LeaseStep::Decline { address, client } => {
            let around = Around::of(draft.state(), *address);
            let binding = decline(known(&around)?, client, now)?;
            record(draft, (*address, &around), binding, None);
            Ok(LeaseAnswer::Done)
        }
        LeaseStep::FoundInUse { epoch, address } => {
            let around = Around::of(draft.state(), *address);
            check_serves(draft.state(), server, around.subnet, *epoch)?;
            around.standing().check_free(now, &terms)?;
            let binding = declined(around.standing().binding, now);
            record(draft, (*address, &around), binding, None);
            Ok(LeaseAnswer::Done)
        }
        LeaseStep::Relinquish { number, address, client, remaining } => {
            let around = Around::of(draft.state(), *address);
            let (number, remaining) = (*number, *remaining);
            let said = Relinquish { server, number, client: client.clone(), remaining };
            let binding = relinquish(known(&around)?, &said, now, &terms)?;
            record(draft, (*address, &around), binding, None);
            Ok(LeaseAnswer::Done)
        }
        LeaseStep::Adopt { number, as_of, address, client, remaining, facts } => {
            let around = Around::of(draft.state(), *address);
            let (number, as_of, remaining) = (*number, *as_of, *remaining);
            let told = Adopt { server, number, as_of, client: client.clone(), remaining };
            match adopt(&around.standing(), &told, now, &terms)? {
                Adopted::Recorded(binding) => {
                    record(draft, (*address, &around), binding, Some((server, facts)));
                    Ok(LeaseAnswer::Done)
                }
                Adopted::Contradiction(binding) => {
                    raise(draft, server, *address, &around, client);
                    record(draft, (*address, &around), binding, None);
                    Ok(LeaseAnswer::Contradiction)
                }
            }
        }
        LeaseStep::Adopted => {
            end_quarantines(draft, server);
            Ok(LeaseAnswer::Done)
        }
        LeaseStep::Delegate { number, epoch, subnet, count } => {
            check_serves(draft.state(), server, Some(*subnet), *epoch)?;
            block::delegate_run(draft, (server, *number), *subnet, *count, &terms)
        }
        LeaseStep::Extend { first } => block::extend_term(draft, server, *first, &terms),
        LeaseStep::Return { first } => block::take_back(draft, server, *first),
    }
}

/// The binding of an address that ought to have one.
fn known(around: &Around) -> Result<&Binding, Refusal> {
    around.standing().binding.ok_or(Refusal::NotOwner)
}

/// Stores what became of an address, and what is known of its client where the client is at hand.
fn record(
    draft: &mut Draft,
    (address, around): (IpAddr, &Around),
    binding: Binding,
    seen: Option<(Server, &ClientFacts)>,
) {
    let last = around.lease().filter(|last| last.binding.owner == binding.owner);
    let facts = seen.map(|(_, facts)| facts.clone());
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
        binding,
    };
    draft.put(address, lease);
}

/// Notes that two clients have one address, for somebody to look at.
fn raise(draft: &mut Draft, server: Server, address: IpAddr, around: &Around, client: &Client) {
    let owner = around.lease().and_then(|lease| lease.binding.owner.as_ref());
    let owner = owner.map_or_else(|| "somebody unknown".to_owned(), ToString::to_string);
    let incident = Event {
        event_type: "DHCP_ADDRESS_HELD_TWICE".to_owned(),
        level: LEVEL_CRITICAL,
        node: Some(server.rack),
        node_system_id: String::new(),
        node_hostname: String::new(),
        user: None,
        username: String::new(),
        ip_address: Some(address),
        user_agent: String::new(),
        endpoint: 0,
        action: String::new(),
        description: format!(
            "{address} is held by {owner} and, as rack {} tells, by {client}: nobody gets it for a day",
            server.rack
        ),
        happened: draft.wall(),
    };
    // The rack may be gone from the state, and the note with it; the address is kept from everybody all the same.
    drop(event::record(draft, &incident));
}

/// The rack has told all it gave. Few VLANs are in quarantine, and only after a restore or an import.
fn end_quarantines(draft: &mut Draft, server: Server) {
    let services = draft.state().tables().dhcp_services.iter();
    let awaiting = services.filter(|(_, row)| row.value.quarantine.is_some());
    let awaiting: Vec<VlanId> = awaiting.map(|(vlan, _)| *vlan).collect();
    for vlan in awaiting {
        let Some(row) = draft.state().get::<DhcpService>(&vlan).cloned() else { continue };
        let mut service = row.value.clone();
        if let Some(quarantine) = &mut service.quarantine {
            quarantine.told(server);
        }
        draft.put(vlan, service);
    }
}
