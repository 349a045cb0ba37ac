//! Domains: names are unique, and a domain goes only when nothing lives in it. With its name all names in it change.

use crate::apply::draft::Draft;
use crate::apply::names_within;
use crate::apply::noun::{Noun, unique};
use crate::id::DomainId;
use crate::model::domain::{Domain, TTL_SECONDS_MAX};
use crate::rejection::Rejection;
use std::net::IpAddr;

/// Forward DNS servers of one domain.
const FORWARD_SERVERS_MAX: usize = 16;

impl Noun for Domain {
    fn addresses(&mut self) -> Vec<&mut IpAddr> {
        self.forward_servers.iter_mut().map(|server| &mut server.ip_address).collect()
    }

    fn checked(draft: &Draft, id: Option<DomainId>, domain: Self) -> Result<Self, Rejection> {
        if !domain.name.is_host_name() {
            let reason = "its labels hold letters, digits and inner hyphens only (RFC 1123), and there is at least one";
            return Err(Rejection::invalid("name", format!("{}: {reason}", domain.name)));
        }
        check_ttl("ttl", domain.ttl)?;
        check_forwarding(&domain)?;
        let holders = &draft.state().indexes().domains_by_name;
        unique::<Self, _>("name", holders, &domain.name, id, &domain.name)?;
        Ok(domain)
    }

    fn created(draft: &mut Draft, id: DomainId) -> Result<(), Rejection> {
        names_within::check_apex(draft, id)
    }

    fn updated(draft: &mut Draft, id: DomainId, before: &Self) -> Result<(), Rejection> {
        if draft.row::<Self>(&id)?.value.name == before.name {
            return Ok(());
        }
        names_within::check_apex(draft, id)?;
        names_within::check_nodes(draft, id)?;
        names_within::check_resources(draft, id, before)
    }
}

fn check_forwarding(domain: &Domain) -> Result<(), Rejection> {
    let servers = &domain.forward_servers;
    if domain.authoritative && !servers.is_empty() {
        let reason = "the region answers for an authoritative domain itself";
        return Err(Rejection::invalid("forward_servers", reason));
    }
    if servers.len() > FORWARD_SERVERS_MAX {
        return Err(Rejection::invalid(
            "forward_servers",
            format!("more than {FORWARD_SERVERS_MAX}"),
        ));
    }
    if servers.iter().any(|server| server.port == 0 || server.ip_address.is_unspecified()) {
        return Err(Rejection::invalid("forward_servers", "nobody listens there"));
    }
    Ok(())
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
