//! Domains, names people gave in them, and their records.

use crate::cli::import::mapping::mapper::Mapper;
use crate::cli::import::mapping::report::Place;
use crate::cli::import::mapping::site::id;
use crate::cli::import::record::Record as _;
use crate::cli::import::tables::dns as rows;
use crate::cli::import::tables::ids;
use regent_core::id::{DnsResourceId, StaticIpAddressId};
use regent_core::model::dns_data::DnsData;
use regent_core::model::dns_name::DomainName;
use regent_core::model::dns_resource::DnsResource;
use regent_core::model::domain::Domain;
use regent_core::model::forward_server::ForwardServer;
use regent_core::model::record_data::{RECORD_FIXED_OCTETS, RRSET_OCTETS_MAX, RecordData};
use regent_core::model::record_type::RecordType;
use regent_core::model::relative_name::RelativeName;
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::cli::import::mapping) fn domains(mapper: &mut Mapper<'_>) {
    let servers = forward_servers(mapper);
    let mut names = BTreeSet::new();
    for row in &mapper.dump.tables.domains {
        let place = Place { table: rows::Domain::TABLE, key: &row.id };
        let name = match row.name.parse::<DomainName>() {
            Ok(name) if !name.is_root() => name,
            Ok(_) => {
                mapper.report.skip(place, "the root is no domain of a site");
                continue;
            }
            Err(error) => {
                mapper.report.skip(place, error);
                continue;
            }
        };
        if !names.insert(name.clone()) {
            mapper.report.skip(place, "another domain has the name");
            continue;
        }
        let authoritative = row.authoritative.unwrap_or(true);
        let forward_servers = servers.get(&row.id).cloned().unwrap_or_default();
        if authoritative && !forward_servers.is_empty() {
            mapper.report.note(place, "its forward servers are left out: it is authoritative");
        }
        let domain = Domain {
            authoritative,
            ttl: ttl(mapper, place, row.ttl),
            forward_servers: if authoritative { Vec::new() } else { forward_servers },
            ..Domain::new(name)
        };
        let dates = (row.created, row.updated);
        mapper.insert(|site| &mut site.domains, place, row.id.0, dates, domain);
    }
}

/// The forward servers of each domain.
fn forward_servers(mapper: &mut Mapper<'_>) -> BTreeMap<ids::DomainId, Vec<ForwardServer>> {
    let tables = &mapper.dump.tables;
    let mut servers = BTreeMap::new();
    for row in &tables.forward_dns_servers {
        let place = Place { table: rows::ForwardDnsServer::TABLE, key: &row.id };
        match u16::try_from(row.port) {
            Ok(port) if port > 0 => {
                servers.insert(row.id, ForwardServer { ip_address: row.ip_address, port });
            }
            Ok(_) | Err(_) => mapper.report.skip(place, "nobody listens on such a port"),
        }
    }
    let mut by_domain: BTreeMap<_, Vec<ForwardServer>> = BTreeMap::new();
    for row in &tables.forward_dns_server_domains {
        if let Some(server) = servers.get(&row.forwarddnsserver_id) {
            by_domain.entry(row.domain_id).or_default().push(*server);
        } else {
            let key = format!("{}/{}", row.domain_id, row.forwarddnsserver_id);
            let place = Place { table: rows::ForwardDnsServerDomain::TABLE, key: &key };
            mapper.report.skip(place, "its server does not come in");
        }
    }
    by_domain
}

/// A time to live as Regent keeps it: 31 bits (RFC 2181 section 8).
pub(in crate::cli::import::mapping) fn ttl(
    mapper: &mut Mapper<'_>,
    place: Place<'_>,
    seconds: Option<i64>,
) -> Option<u32> {
    let kept = u32::try_from(seconds?).ok().filter(|ttl| *ttl <= u32::MAX >> 1);
    if kept.is_none() {
        mapper.report.note(place, "its time to live is left out: out of range");
    }
    kept
}

pub(in crate::cli::import::mapping) fn resources(mapper: &mut Mapper<'_>) {
    let addresses = linked_addresses(mapper);
    let mut names = BTreeSet::new();
    for row in &mapper.dump.tables.dns_resources {
        let place = Place { table: rows::DnsResource::TABLE, key: &row.id };
        let report = &mut mapper.report;
        let Some(domain) = mapper.site.domains.require(report, place, "domain", row.domain_id.0)
        else {
            continue;
        };
        let name = match row.name.as_deref().unwrap_or_default().parse::<RelativeName>() {
            Ok(name) => name,
            Err(error) => {
                report.skip(place, error);
                continue;
            }
        };
        let in_domain = mapper.site.domains.get(&domain).map(|domain| name.in_domain(&domain.name));
        if let Some(Err(error)) = in_domain {
            report.skip(place, error);
            continue;
        }
        if !names.insert((domain, name.clone())) {
            report.skip(place, "another row has the name in the domain");
            continue;
        }
        let resource = DnsResource {
            name,
            domain,
            address_ttl: ttl(mapper, place, row.address_ttl),
            addresses: addresses.get(&row.id).cloned().unwrap_or_default(),
        };
        let dates = (row.created, row.updated);
        mapper.insert(|site| &mut site.dns_resources, place, row.id.0, dates, resource);
    }
    skip_links_of_nothing(mapper);
}

/// Addresses of names that are not there, or do not come in.
fn skip_links_of_nothing(mapper: &mut Mapper<'_>) {
    for row in &mapper.dump.tables.dns_resource_addresses {
        let place = Place { table: rows::DnsResourceAddress::TABLE, key: &row.id };
        let address = id::<StaticIpAddressId>(row.staticipaddress_id.0);
        if address.is_some_and(|id| mapper.site.static_ip_addresses.get(&id).is_some()) {
            let (resources, number) = (&mapper.site.dns_resources, row.dnsresource_id.0);
            resources.require(&mut mapper.report, place, "dnsresource", number);
        }
    }
}

fn linked_addresses(
    mapper: &mut Mapper<'_>,
) -> BTreeMap<ids::DnsResourceId, BTreeSet<StaticIpAddressId>> {
    let mut linked: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for row in &mapper.dump.tables.dns_resource_addresses {
        let place = Place { table: rows::DnsResourceAddress::TABLE, key: &row.id };
        let address = row.staticipaddress_id.0;
        let addresses = &mapper.site.static_ip_addresses;
        let address = addresses.require(&mut mapper.report, place, "address", address);
        if let Some(address) = address {
            linked.entry(row.dnsresource_id).or_default().insert(address);
        }
    }
    linked
}

pub(in crate::cli::import::mapping) fn data(mapper: &mut Mapper<'_>) {
    let mut there: BTreeSet<(DnsResourceId, RecordType, String)> = BTreeSet::new();
    let mut octets: BTreeMap<(DnsResourceId, RecordType), usize> = BTreeMap::new();
    for row in &mapper.dump.tables.dns_data {
        let place = Place { table: rows::DnsData::TABLE, key: &row.id };
        let (site, report) = (&mapper.site, &mut mapper.report);
        let Some(resource) =
            site.dns_resources.require(report, place, "dnsresource", row.dnsresource_id.0)
        else {
            continue;
        };
        let Some(rtype) = row.rrtype.parse().ok().filter(|rtype: &RecordType| rtype.is_stored())
        else {
            report.skip(place, "records of this type are not kept");
            continue;
        };
        let domain =
            site.dns_resources.get(&resource).and_then(|row| site.domains.get(&row.domain));
        let Some(domain) = domain else { continue };
        let rdata = match RecordData::parse(rtype, &row.rrdata, &domain.name) {
            Ok(rdata) => rdata,
            Err(error) => {
                report.skip(place, error);
                continue;
            }
        };
        if !there.insert((resource, rtype, rdata.to_string())) {
            report.skip(place, "the name has the same record already");
            continue;
        }
        let all = octets.entry((resource, rtype)).or_default();
        let with_it = *all + rdata.to_wire().len() + RECORD_FIXED_OCTETS;
        if with_it > RRSET_OCTETS_MAX {
            report.skip(place, "the name has more of this type than fits into one DNS message");
            continue;
        }
        *all = with_it;
        let data = DnsData { resource, ttl: ttl(mapper, place, row.ttl), rdata };
        let dates = (row.created, row.updated);
        mapper.insert(|site| &mut site.dns_data, place, row.id.0, dates, data);
    }
    note_aliases(mapper);
}

/// Aliases beside other records come in as they were; answers leave them out.
fn note_aliases(mapper: &mut Mapper<'_>) {
    let mut at: BTreeMap<DnsResourceId, usize> = BTreeMap::new();
    for (_, data) in mapper.site.dns_data.iter() {
        *at.entry(data.resource).or_default() += 1;
    }
    for row in &mapper.dump.tables.dns_data {
        let Some(data) = id(row.id.0).and_then(|id| mapper.site.dns_data.get(&id)) else {
            continue;
        };
        let resource = mapper.site.dns_resources.get(&data.resource);
        let has_addresses = resource.is_some_and(|resource| !resource.addresses.is_empty());
        let crowded = at.get(&data.resource).is_some_and(|records| *records > 1) || has_addresses;
        if matches!(data.rdata, RecordData::Cname(_)) && crowded {
            let place = Place { table: rows::DnsData::TABLE, key: &row.id };
            mapper.report.note(place, "an alias stands beside other records of its name");
        }
    }
}
