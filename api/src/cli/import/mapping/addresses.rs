//! Addresses in use, the leases among them, and addresses kept for a MAC address.

use crate::cli::import::mapping::mapper::Mapper;
use crate::cli::import::mapping::report::Place;
use crate::cli::import::mapping::site::{Arrival, id};
use crate::cli::import::record::Record as _;
use crate::cli::import::tables::{addresses as rows, ids, interfaces};
use regent_core::id::{InterfaceId, StaticIpAddressId};
use regent_core::lease::binding::{Binding, Client, Held};
use regent_core::model::lease::Lease;
use regent_core::model::reserved_ip::ReservedIp;
use regent_core::model::static_ip_address::{AllocType, StaticIpAddress};
use regent_core::net::mac::MacAddr;
use regent_core::time::Millis;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

const MILLIS_PER_SECOND: i64 = 1000;
/// MAAS's `mclt` of dhcpd's failover.
const DHCPD_MCLT: Millis = Millis::from_secs(3_600);

pub(in crate::cli::import::mapping) fn map(mapper: &mut Mapper<'_>) {
    let links = links(mapper);
    let mut taken: BTreeSet<(IpAddr, bool)> = BTreeSet::new();
    for row in &mapper.dump.tables.static_ip_addresses {
        let place = Place { table: rows::StaticIpAddress::TABLE, key: &row.id };
        let known = u8::try_from(row.alloc_type).ok().and_then(AllocType::from_number);
        let Some(alloc_type) = known else {
            mapper.report.skip(place, format!("alloc_type {} is unknown", row.alloc_type));
            continue;
        };
        let discovered = alloc_type == AllocType::Discovered;
        if row.ip.is_some_and(|ip| !taken.insert((ip, discovered))) {
            mapper.report.skip(place, "another row has the address");
            continue;
        }
        let interfaces = links.get(&row.id).cloned().unwrap_or_default();
        let address = filled(mapper, place, row, alloc_type, interfaces);
        let dates = (row.created, row.updated);
        mapper.insert(|site| &mut site.static_ip_addresses, place, row.id.0, dates, address);
    }
    skip_links_to_nothing(mapper);
    note_twice(mapper, &taken);
    leases(mapper);
}

/// Links whose address is not there, or does not come in.
fn skip_links_to_nothing(mapper: &mut Mapper<'_>) {
    for row in &mapper.dump.tables.interface_addresses {
        let place = Place { table: interfaces::InterfaceAddress::TABLE, key: &row.id };
        // Of a link whose interface does not come in that was told already.
        let interface = id::<InterfaceId>(row.interface_id.0);
        if interface.is_some_and(|id| mapper.site.interfaces.get(&id).is_some()) {
            let (addresses, number) = (&mapper.site.static_ip_addresses, row.staticipaddress_id.0);
            addresses.require(&mut mapper.report, place, "address", number);
        }
    }
}

type Links = BTreeMap<ids::StaticIpAddressId, BTreeSet<InterfaceId>>;

fn links(mapper: &mut Mapper<'_>) -> Links {
    let mut links = Links::new();
    for row in &mapper.dump.tables.interface_addresses {
        let place = Place { table: interfaces::InterfaceAddress::TABLE, key: &row.id };
        let report = &mut mapper.report;
        let interfaces = &mapper.site.interfaces;
        let found = interfaces.require(report, place, "interface", row.interface_id.0);
        if let Some(interface) = found {
            links.entry(row.staticipaddress_id).or_default().insert(interface);
        }
    }
    links
}

fn filled(
    mapper: &mut Mapper<'_>,
    place: Place<'_>,
    row: &rows::StaticIpAddress,
    alloc_type: AllocType,
    interfaces: BTreeSet<InterfaceId>,
) -> StaticIpAddress {
    let (site, report) = (&mapper.site, &mut mapper.report);
    let subnet = site.subnets.link(report, place, "subnet", row.subnet_id.map(|id| id.0));
    let user = site.users.link(report, place, "user", row.user_id.map(|id| id.0));
    let cidr = subnet.and_then(|subnet| site.subnets.get(&subnet)).map(|subnet| subnet.cidr);
    match (row.ip, cidr) {
        (Some(ip), Some(cidr)) if !cidr.contains(ip) => {
            report.note(place, format!("{ip} is not within its subnet {cidr}"));
        }
        (Some(ip), None) => report.note(place, format!("{ip} is in no subnet")),
        (Some(_), Some(_)) | (None, _) => {}
    }
    let temp_expires_on = row.temp_expires_on.inspect(|_| {
        report.note(place, "it is kept for the time being only");
    });
    StaticIpAddress {
        interfaces,
        user,
        lease_time: u32::try_from(row.lease_time).unwrap_or(0),
        temp_expires_on: temp_expires_on.map(|expires| mapper.cluster_time(expires)),
        ..StaticIpAddress::new(alloc_type, subnet, row.ip)
    }
}

/// Addresses that are given to somebody and were seen besides.
fn note_twice(mapper: &mut Mapper<'_>, taken: &BTreeSet<(IpAddr, bool)>) {
    for row in &mapper.dump.tables.static_ip_addresses {
        let Some(ip) = row.ip else { continue };
        let is_seen = row.alloc_type == i64::from(AllocType::Discovered.number());
        if is_seen && taken.contains(&(ip, false)) {
            let place = Place { table: rows::StaticIpAddress::TABLE, key: &row.id };
            mapper.report.note(place, format!("{ip} is given to somebody, and leased or seen"));
        }
    }
}

/// Bindings that still run at the moment that counts as now.
fn leases(mapper: &mut Mapper<'_>) {
    for row in &mapper.dump.tables.static_ip_addresses {
        let (Some(ip), true) = (row.ip, row.lease_time > 0) else { continue };
        let place = Place { table: rows::StaticIpAddress::TABLE, key: &row.id };
        let address = id(row.id.0).and_then(|id| mapper.site.static_ip_addresses.get(&id));
        let Some(address) = address.filter(|row| row.alloc_type == AllocType::Discovered) else {
            continue;
        };
        let mut expires = row.created;
        expires.0 = expires.0.saturating_add(row.lease_time.saturating_mul(MILLIS_PER_SECOND));
        if expires <= mapper.as_of {
            mapper.leases_run_out += 1;
            continue;
        }
        let interfaces = address.interfaces.iter();
        let mut macs = interfaces.filter_map(|id| mapper.site.interfaces.get(id)?.mac_address);
        let Some(mac_address) = macs.next() else {
            mapper.report.note(place, "its lease is left out: nobody knows whose it is");
            continue;
        };
        let mut binding = Binding::new(
            Some(Client::Card(mac_address)),
            Held::Bound,
            mapper.cluster_time(expires),
        );
        // A pair of dhcpd may extend a lease alone beyond what they wrote down.
        binding.foreign_until = binding.expires.after(DHCPD_MCLT);
        let value = Lease {
            rests_until: binding.foreign_until,
            is_past: false,
            binding,
            client_id: Vec::new(),
            hostname: String::new(),
            subnet: address.subnet,
            rack: None,
            start: mapper.cluster_time(row.created),
        };
        let arrival = Arrival { created: row.created, updated: row.updated, value };
        if let Err(refusal) = mapper.site.leases.insert(ip, arrival) {
            mapper.report.note(place, format!("its lease is left out: {refusal}"));
        }
    }
}

pub(in crate::cli::import::mapping) fn reserved(mapper: &mut Mapper<'_>) {
    let (mut addresses, mut macs) = (BTreeSet::new(), BTreeSet::new());
    for row in &mapper.dump.tables.reserved_ips {
        let place = Place { table: rows::ReservedIp::TABLE, key: &row.id };
        let (site, report) = (&mapper.site, &mut mapper.report);
        let Some(subnet) = site.subnets.require(report, place, "subnet", row.subnet_id.0) else {
            continue;
        };
        if site.subnets.get(&subnet).is_some_and(|subnet| !subnet.cidr.contains(row.ip)) {
            report.skip(place, "the address is not within the subnet");
            continue;
        }
        let mac_address = MacAddr(row.mac_address.octets);
        if !addresses.insert(row.ip) || !macs.insert((mac_address, subnet)) {
            report.skip(place, "the address, or the MAC address in the subnet, is reserved twice");
            continue;
        }
        let comment = report.text(place, "comment", row.comment.as_deref().unwrap_or_default());
        let reserved = ReservedIp { subnet, ip: row.ip, mac_address, comment };
        let dates = (row.created, row.updated);
        mapper.insert(|site| &mut site.reserved_ips, place, row.id.0, dates, reserved);
    }
}

/// Addresses that nothing refers to, once all that could is known. They come in all the same.
pub(in crate::cli::import::mapping) fn note_unused(mapper: &mut Mapper<'_>) {
    let site = &mapper.site;
    let named = site.dns_resources.iter().flat_map(|(_, row)| row.addresses.iter().copied());
    let of_bmcs = site.bmcs.iter().filter_map(|(_, bmc)| bmc.ip_address);
    let used: BTreeSet<StaticIpAddressId> = named.chain(of_bmcs).collect();
    let unused: Vec<_> = site
        .static_ip_addresses
        .iter()
        .filter(|(id, row)| {
            row.interfaces.is_empty()
                && row.alloc_type != AllocType::UserReserved
                && !used.contains(id)
        })
        .map(|(id, _)| *id)
        .collect();
    for id in unused {
        let place = Place { table: rows::StaticIpAddress::TABLE, key: &id };
        mapper.report.note(place, "nothing refers to it");
    }
}
