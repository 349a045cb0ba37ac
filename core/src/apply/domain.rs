//! Domains: names are unique, and a domain goes only when nothing lives in it.

use crate::apply::draft::Draft;
use crate::command::domain::DomainCommand;
use crate::id::DomainId;
use crate::model::domain::Domain;
use crate::outcome::Outcome;
use crate::rejection::Rejection;
use crate::state::tables::Stored;

/// Longest time to live, in seconds (RFC 2181 section 8).
const TTL_SECONDS_MAX: u32 = 0x7FFF_FFFF;

pub(in crate::apply) fn run(
    draft: &mut Draft,
    command: &DomainCommand,
) -> Result<Outcome, Rejection> {
    match command {
        DomainCommand::Create(domain) => {
            check(draft, None, domain)?;
            draft.create(domain.clone()).map(|id| Outcome::Created(Domain::object(&id)))
        }
        DomainCommand::Update { id, patch } => {
            let id = draft.resolve::<Domain>(*id)?;
            let before = draft.row::<Domain>(&id)?.clone();
            let mut domain = before.value.clone();
            patch.clone().apply_to(&mut domain);
            check(draft, Some(id), &domain)?;
            draft.replace(&id, &before, domain);
            Ok(Outcome::Updated(Domain::object(&id)))
        }
        DomainCommand::Delete { id } => {
            let id = draft.resolve::<Domain>(*id)?;
            draft.row::<Domain>(&id)?;
            draft.delete::<Domain>(&id)?;
            Ok(Outcome::Deleted(Domain::object(&id)))
        }
    }
}

fn check(draft: &Draft, id: Option<DomainId>, domain: &Domain) -> Result<(), Rejection> {
    if domain.name.is_root() {
        return Err(Rejection::invalid("name", "the root is no domain of a site"));
    }
    check_ttl("ttl", domain.ttl)?;
    let holders = &draft.state().indexes().domains_by_name;
    match holders.under(&domain.name).find(|holder| Some(**holder) != id) {
        None => Ok(()),
        Some(holder) => Err(Rejection::NotUnique {
            field: "name".into(),
            value: domain.name.to_string(),
            holder: Domain::object(holder),
        }),
    }
}

/// Whether a time to live may be stored.
pub(in crate::apply) fn check_ttl(field: &str, ttl: Option<u32>) -> Result<(), Rejection> {
    match ttl {
        Some(ttl) if ttl > TTL_SECONDS_MAX => {
            Err(Rejection::invalid(field, format!("{ttl} is more than {TTL_SECONDS_MAX} seconds")))
        }
        Some(_) | None => Ok(()),
    }
}
