//! The steps of the lease protocol, one after the other. A step that is refused changes nothing and stops nothing.

use crate::apply::draft::Draft;
use crate::apply::rack::block;
use crate::apply::rack::fault;
use crate::apply::rack::lease_step;
use crate::apply::text::check_length;
use crate::command::rack::{LEASE_STEPS_MAX, LeaseStep};
use crate::lease::adopt::Adopt;
use crate::lease::binding::Client;
use crate::lease::commit::Commit;
use crate::lease::give_up::{Release, Relinquish};
use crate::lease::quarantine::Quarantine;
use crate::lease::refusal::Refusal;
use crate::lease::server::Server;
use crate::model::lease::{CLIENT_HOSTNAME_BYTES_MAX, CLIENT_ID_BYTES_MAX};
use crate::model::quarantine::QUARANTINE;
use crate::outcome::LeaseAnswer;
use crate::query::around::check_serves;
use crate::query::terms::terms_of;
use crate::rejection::Rejection;

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
    match step {
        LeaseStep::Commit {
            number,
            epoch,
            address,
            client,
            life,
            tenure,
            attested,
            claim,
            facts,
        } => {
            let (number, life, tenure) = (*number, *life, *tenure);
            let (client, attested, claim) = (client.clone(), *attested, *claim);
            let wish = Commit { server, number, client, life, tenure, attested, claim };
            lease_step::give(draft, (*address, *epoch), &wish, facts)
        }
        LeaseStep::Release { number, address, client } => {
            let said = Release { server, number: *number, client: client.clone() };
            lease_step::end(draft, *address, &said)
        }
        LeaseStep::Decline { number, address, client } => {
            lease_step::set_aside(draft, (server, *number), *address, client)
        }
        LeaseStep::FoundInUse { epoch, address } => {
            lease_step::set_aside_unheld(draft, server, (*address, *epoch))
        }
        LeaseStep::Relinquish { number, address, client, remaining } => {
            let (number, remaining) = (*number, *remaining);
            let said = Relinquish { server, number, client: client.clone(), remaining };
            lease_step::give_up(draft, *address, &said)
        }
        LeaseStep::Adopt { number, as_of, address, client, remaining, tenure, facts } => {
            let (number, as_of, client) = (*number, *as_of, client.clone());
            let (remaining, tenure) = (*remaining, *tenure);
            let told = Adopt { server, number, as_of, client, remaining, tenure };
            lease_step::take_over(draft, *address, &told, facts)
        }
        LeaseStep::Adopted => Ok(told_all(draft, server)),
        LeaseStep::Delegate { number, epoch, subnet, count } => {
            check_serves(draft.state(), server, Some(*subnet), *epoch)?;
            let terms = terms_of(draft.state());
            block::delegate_run(draft, (server, *number), *subnet, *count, &terms)
        }
        LeaseStep::Extend { first } => {
            let terms = terms_of(draft.state());
            block::extend_term(draft, server, *first, &terms)
        }
        LeaseStep::Return { number, first } => block::take_back(draft, (server, *number), *first),
    }
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
