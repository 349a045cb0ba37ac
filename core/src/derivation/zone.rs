//! Which zones there are: one for each authoritative domain, and those of the subnets with reverse DNS.

use crate::dns::view::DnsView;
use crate::dns::zone::{Zone, ZoneKind};
use crate::model::dns_name::DomainName;
use crate::model::domain::Domain;
use crate::model::reverse::{ReverseZone, is_classless, reverse_prefix, reverse_zones};
use crate::net::cidr::Cidr;
use crate::query::dns_name::domain_named;
use crate::state::State;

/// Sets the zone of this name as state and networks have it.
pub(in crate::derivation) fn set_zone(view: &mut DnsView, state: &State, apex: &DomainName) {
    let zone = forward(view, state, apex).or_else(|| reverse(view, apex));
    view.set_zone(apex, zone);
}

fn forward(view: &DnsView, state: &State, apex: &DomainName) -> Option<Zone> {
    let domain = &state.get::<Domain>(&domain_named(state, apex)?)?.value;
    let site = view.site();
    domain.authoritative.then(|| Zone {
        apex: domain.name.clone(),
        kind: ZoneKind::Forward,
        ttl: domain.ttl.unwrap_or(site.default_ttl),
        primary: domain.name.clone(),
        server: site.default_domain.clone().unwrap_or_else(|| domain.name.clone()),
    })
}

fn reverse(view: &DnsView, apex: &DomainName) -> Option<Zone> {
    let network = reverse_network(view, apex)?;
    let site = view.site();
    let server = site.default_domain.clone().unwrap_or_else(|| apex.clone());
    Some(Zone {
        apex: apex.clone(),
        kind: ZoneKind::Reverse(network),
        ttl: site.default_ttl,
        primary: server.clone(),
        server,
    })
}

/// The network of the reverse zone of this name, if a subnet wants one.
fn reverse_network(view: &DnsView, apex: &DomainName) -> Option<Cidr> {
    let Some(network) = reverse_prefix(apex) else { return classless_network(view, apex) };
    let named = view.networks_cut_at(network).next().is_some();
    let holds_aliases = || view.wants_alias_zone(network);
    (named || holds_aliases()).then_some(network)
}

fn classless_network(view: &DnsView, apex: &DomainName) -> Option<Cidr> {
    let above = reverse_prefix(&apex.parent()?)?;
    let mut inside = view.networks_inside(above).filter(|cidr| is_classless(*cidr));
    inside.find(|cidr| {
        let zone = reverse_zones(*cidr).zones.into_iter().next();
        zone.is_some_and(|zone| zone.name == *apex)
    })
}

/// The names of all zones that a subnet may bring about, or with which it makes others needless.
pub(in crate::derivation) fn names_around(view: &DnsView, subnet: Cidr) -> Vec<DomainName> {
    let mut names = Vec::new();
    let mut add = |cidr: Cidr| {
        let zones = reverse_zones(cidr);
        let glue = zones.glue.map(|glue| glue.parent);
        names.extend(zones.zones.into_iter().chain(glue).map(|zone: ReverseZone| zone.name));
    };
    add(subnet);
    view.networks_inside(subnet).filter(|inner| is_classless(*inner)).for_each(add);
    names
}
