//! Domains: names are unique, and a domain goes only when nothing lives in it.

use crate::apply::draft::Draft;
use crate::apply::noun::{Noun, unique};
use crate::id::DomainId;
use crate::model::domain::Domain;
use crate::rejection::Rejection;

/// Longest time to live, in seconds (RFC 2181 section 8).
const TTL_SECONDS_MAX: u32 = 0x7FFF_FFFF;

impl Noun for Domain {
    fn checked(draft: &Draft, id: Option<DomainId>, domain: Self) -> Result<Self, Rejection> {
        if domain.name.is_root() {
            return Err(Rejection::invalid("name", "the root is no domain of a site"));
        }
        check_ttl("ttl", domain.ttl)?;
        let holders = &draft.state().indexes().domains_by_name;
        unique::<Self, _>("name", holders, &domain.name, id, &domain.name)?;
        Ok(domain)
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
