//! A subnet.

use crate::malformed::{Fault, Malformed, check_count, required};
use crate::rack;
use crate::view::each::each;
use crate::view::{address, boot, options};
use regent_core::id::SubnetId;
use regent_core::lease::terms::Terms;
use regent_core::model::dns_name::DomainName;
use regent_core::rack_view::network::{
    SUBNET_BLOCKS_MAX, SUBNET_RANGES_MAX, SUBNET_ROUTES_MAX, SUBNET_SERVERS_MAX,
};
use regent_core::rack_view::site::{SEARCH_DOMAINS_MAX, SERVERS_MAX};
use regent_core::rack_view::subnet::{RapidCommit, Route, Subnet, Told};
use regent_core::time::Millis;
use std::net::Ipv4Addr;

pub(in crate::view) fn read(subnet: rack::Subnet) -> Result<Subnet, Malformed> {
    let boot = subnet.boot.clone().map(boot::read).transpose();
    let boot = boot.map_err(|error| error.within("boot"))?;
    let told = read_told(&subnet)?;
    let rack::Subnet { id, cidr, ranges, foreign_blocks, terms, .. } = subnet;
    Ok(Subnet {
        id: SubnetId(id),
        cidr: address::read_cidr("cidr", cidr)?,
        ranges: each("ranges", ranges, SUBNET_RANGES_MAX, address::read_range)?,
        foreign_blocks: each(
            "foreign_blocks",
            foreign_blocks,
            SUBNET_BLOCKS_MAX,
            address::read_range,
        )?,
        closed: each("closed", subnet.closed, SUBNET_BLOCKS_MAX, address::read_range)?,
        terms: read_terms(required("terms", terms)?),
        boot_life: Millis(subnet.boot_life_ms),
        rapid_commit: match subnet.rapid_commit {
            true => RapidCommit::Allowed,
            false => RapidCommit::Refused,
        },
        told,
        boot,
    })
}

pub(in crate::view) fn write(subnet: &Subnet) -> Result<rack::Subnet, Malformed> {
    let Subnet {
        id,
        cidr,
        ranges,
        foreign_blocks,
        closed,
        terms,
        boot_life,
        rapid_commit,
        told,
        boot,
    } = subnet;
    let boot = boot.as_ref().map(boot::write).transpose().map_err(|error| error.within("boot"))?;
    check_count("dns_servers", told.dns_servers.len(), SUBNET_SERVERS_MAX)?;
    check_count("ntp_servers", told.ntp_servers.len(), SERVERS_MAX)?;
    check_count("ntp_names", told.ntp_names.len(), SERVERS_MAX)?;
    check_count("search", told.search.len(), SEARCH_DOMAINS_MAX)?;
    Ok(rack::Subnet {
        id: id.0,
        cidr: Some(address::write_cidr("cidr", *cidr)?),
        ranges: each("ranges", ranges, SUBNET_RANGES_MAX, address::write_range)?,
        foreign_blocks: each(
            "foreign_blocks",
            foreign_blocks,
            SUBNET_BLOCKS_MAX,
            address::write_range,
        )?,
        closed: each("closed", closed, SUBNET_BLOCKS_MAX, address::write_range)?,
        terms: Some(write_terms(terms)),
        boot_life_ms: boot_life.0,
        rapid_commit: *rapid_commit == RapidCommit::Allowed,
        gateway: told.gateway.map(Ipv4Addr::to_bits),
        dns_servers: address::write_all(&told.dns_servers),
        domain: told.domain.as_ref().map(ToString::to_string),
        search: told.search.iter().map(ToString::to_string).collect(),
        ntp_servers: address::write_all(&told.ntp_servers),
        ntp_names: told.ntp_names.iter().map(ToString::to_string).collect(),
        mtu: told.mtu.map(u32::from),
        routes: each("routes", &told.routes, SUBNET_ROUTES_MAX, |route| Ok(write_route(route)))?,
        options: options::write(&told.settings),
        boot,
    })
}

fn read_told(subnet: &rack::Subnet) -> Result<Told, Malformed> {
    check_count("dns_servers", subnet.dns_servers.len(), SUBNET_SERVERS_MAX)?;
    check_count("ntp_servers", subnet.ntp_servers.len(), SERVERS_MAX)?;
    let domain = subnet.domain.as_deref().map(read_name).transpose();
    Ok(Told {
        gateway: subnet.gateway.map(Ipv4Addr::from_bits),
        dns_servers: address::read_all(subnet.dns_servers.clone()),
        domain: domain.map_err(|fault| Malformed::new("domain", fault))?,
        search: read_names("search", &subnet.search, SEARCH_DOMAINS_MAX)?,
        ntp_servers: address::read_all(subnet.ntp_servers.clone()),
        ntp_names: read_names("ntp_names", &subnet.ntp_names, SERVERS_MAX)?,
        mtu: subnet.mtu.map(read_mtu).transpose()?,
        routes: each("routes", subnet.routes.clone(), SUBNET_ROUTES_MAX, read_route)?,
        settings: options::read("options", subnet.options.clone())?,
    })
}

fn read_names(
    field: &'static str,
    names: &[String],
    names_max: usize,
) -> Result<Vec<DomainName>, Malformed> {
    each(field, names, names_max, |name| {
        read_name(name).map_err(|fault| Malformed::new("name", fault))
    })
}

fn read_name(text: &str) -> Result<DomainName, Fault> {
    text.parse().map_err(|_| Fault::Nonsense)
}

fn read_mtu(mtu: u32) -> Result<u16, Malformed> {
    let fault = Fault::OutOfRange { value: mtu.into(), min: 0, max: u16::MAX.into() };
    u16::try_from(mtu).map_err(|_| Malformed::new("mtu", fault))
}

fn read_route(route: rack::Route) -> Result<Route, Malformed> {
    let (network, prefix) = address::read_prefix("destination", route.destination)?;
    Ok(Route { network, prefix, gateway: Ipv4Addr::from_bits(route.gateway) })
}

fn write_route(route: &Route) -> rack::Route {
    let destination =
        rack::Prefix { address: route.network.to_bits(), length: route.prefix.into() };
    rack::Route { destination: Some(destination), gateway: route.gateway.to_bits() }
}

const fn read_terms(terms: rack::Terms) -> Terms {
    Terms {
        life: Millis(terms.life_ms),
        autonomy: Millis(terms.autonomy_ms),
        block_term: Millis(terms.block_term_ms),
        guard: Millis(terms.guard_ms),
        drift_ppm: terms.drift_ppm,
    }
}

const fn write_terms(terms: &Terms) -> rack::Terms {
    rack::Terms {
        life_ms: terms.life.0,
        autonomy_ms: terms.autonomy.0,
        block_term_ms: terms.block_term.0,
        guard_ms: terms.guard.0,
        drift_ppm: terms.drift_ppm,
    }
}
