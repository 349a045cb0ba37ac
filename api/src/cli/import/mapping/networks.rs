//! VLANs, subnets, ranges and routes.

use crate::cli::import::mapping::mapper::Mapper;
use crate::cli::import::mapping::report::Place;
use crate::cli::import::record::Record as _;
use crate::cli::import::tables::{addresses, networks};
use regent_core::id::{FabricId, NodeId, SubnetId, VlanId};
use regent_core::model::ip_range::{IpRange, IpRangeType};
use regent_core::model::static_route::StaticRoute;
use regent_core::model::subnet::{RdnsMode, Subnet};
use regent_core::model::vlan::{MTU_BYTES_MAX, VID_MAX, Vlan};
use regent_core::net::cidr::Cidr;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

pub(in crate::cli::import::mapping) fn map(mapper: &mut Mapper<'_>) {
    vlans(mapper);
    relays(mapper);
    leave_empty_fabrics(mapper);
    subnets(mapper);
    ranges(mapper);
    routes(mapper);
}

fn vlans(mapper: &mut Mapper<'_>) {
    let mut taken: BTreeSet<(FabricId, u16)> = BTreeSet::new();
    for row in &mapper.dump.tables.vlans {
        let place = Place { table: networks::Vlan::TABLE, key: &row.id };
        let (site, report) = (&mapper.site, &mut mapper.report);
        let Some(fabric) = site.fabrics.require(report, place, "fabric", row.fabric_id.0) else {
            continue;
        };
        let Some(vid) = u16::try_from(row.vid).ok().filter(|vid| *vid <= VID_MAX) else {
            report.skip(place, "the VLAN number is out of range");
            continue;
        };
        let Some(mtu) = u32::try_from(row.mtu).ok().filter(|mtu| *mtu <= MTU_BYTES_MAX) else {
            report.skip(place, "the MTU is out of range");
            continue;
        };
        if !taken.insert((fabric, vid)) {
            report.skip(place, "another VLAN of the fabric has the number");
            continue;
        }
        let vlan = Vlan {
            name: row.name.as_ref().map(|name| report.name(place, "name", name)),
            mtu,
            dhcp_on: row.dhcp_on,
            external_dhcp: row.external_dhcp,
            space: site.spaces.link(report, place, "space", row.space_id.map(|id| id.0)),
            description: mapper.text(place, "description", &row.description),
            ..Vlan::new(fabric, vid)
        };
        mapper.insert(|site| &mut site.vlans, place, row.id.0, (row.created, row.updated), vlan);
    }
}

/// Relays, now that all VLANs are known. One that leads back to itself is left out.
fn relays(mapper: &mut Mapper<'_>) {
    for row in &mapper.dump.tables.vlans {
        let place = Place { table: networks::Vlan::TABLE, key: &row.id };
        let (site, report) = (&mut mapper.site, &mut mapper.report);
        let Some(id) = own(row.id.0).filter(|id| site.vlans.get(id).is_some()) else { continue };
        let relay = row.relay_vlan_id.map(|id| id.0);
        let Some(relay) = site.vlans.link(report, place, "relay_vlan", relay) else { continue };
        let next = |vlan: &VlanId| site.vlans.get(vlan).and_then(|vlan| vlan.relay_vlan);
        if std::iter::successors(Some(relay), next).any(|vlan| vlan == id) {
            report.note(place, "relay_vlan is left empty: it leads back to the VLAN itself");
        } else if let Some(vlan) = site.vlans.get_mut(&id) {
            vlan.relay_vlan = Some(relay);
        }
    }
}

fn own(number: i64) -> Option<VlanId> {
    crate::cli::import::mapping::site::id(number)
}

/// Who serves DHCP, once nodes are known.
pub(in crate::cli::import::mapping) fn racks(mapper: &mut Mapper<'_>) {
    for row in &mapper.dump.tables.vlans {
        let place = Place { table: networks::Vlan::TABLE, key: &row.id };
        let (site, report) = (&mut mapper.site, &mut mapper.report);
        let mut rack = |field: &str, number: Option<i64>| -> Option<NodeId> {
            let node = site.nodes.link(report, place, field, number)?;
            if site.nodes.get(&node).is_some_and(|node| node.node_type.is_rack()) {
                return Some(node);
            }
            report.note(place, format!("{field} is left empty: node {node} is no rack"));
            None
        };
        let primary = rack("primary_rack", row.primary_rack_id.map(|id| id.0));
        let secondary = rack("secondary_rack", row.secondary_rack_id.map(|id| id.0));
        if let Some(vlan) = own(row.id.0).and_then(|id| mapper.site.vlans.get_mut(&id)) {
            vlan.primary_rack = primary;
            vlan.secondary_rack = secondary;
        }
    }
}

/// Every fabric has a VLAN: one without is of no use to anybody.
fn leave_empty_fabrics(mapper: &mut Mapper<'_>) {
    let used: BTreeSet<_> = mapper.site.vlans.iter().map(|(_, vlan)| vlan.fabric).collect();
    let fabrics = mapper.site.fabrics.iter().map(|(id, _)| *id);
    let empty: Vec<_> = fabrics.filter(|id| !used.contains(id)).collect();
    for id in empty {
        let place = Place { table: networks::Fabric::TABLE, key: &id };
        mapper.report.skip(place, "it has no VLAN");
        mapper.site.fabrics.remove(&id);
    }
}

fn subnets(mapper: &mut Mapper<'_>) {
    let mut prefixes: BTreeSet<Cidr> = BTreeSet::new();
    for row in &mapper.dump.tables.subnets {
        let place = Place { table: networks::Subnet::TABLE, key: &row.id };
        let (site, report) = (&mapper.site, &mut mapper.report);
        let Some(vlan) = site.vlans.require(report, place, "vlan", row.vlan_id.0) else {
            continue;
        };
        let Ok(cidr) = Cidr::new(row.cidr.addr(), row.cidr.prefix_len()) else {
            report.skip(place, "the prefix is none");
            continue;
        };
        if !prefixes.insert(cidr) {
            report.skip(place, "another subnet has the prefix");
            continue;
        }
        let subnet = Subnet {
            name: mapper.name(place, "name", &row.name),
            description: mapper.text(place, "description", &row.description),
            gateway_ip: row.gateway_ip,
            dns_servers: dns_servers(mapper, place, row.dns_servers.as_deref().unwrap_or_default()),
            rdns_mode: rdns_mode(mapper, place, row.rdns_mode),
            allow_dns: row.allow_dns,
            allow_proxy: row.allow_proxy,
            active_discovery: row.active_discovery,
            managed: row.managed,
            disabled_boot_architectures: mapper.report.names(
                place,
                "disabled_boot_architectures",
                &row.disabled_boot_architectures,
            ),
            ..Subnet::new(vlan, cidr)
        };
        let dates = (row.created, row.updated);
        mapper.insert(|site| &mut site.subnets, place, row.id.0, dates, subnet);
    }
    note_nested(mapper);
}

/// Subnets within others. New ones may not be, but sites have them: an address belongs to the narrowest it lies in.
fn note_nested(mapper: &mut Mapper<'_>) {
    let subnets = mapper.site.subnets.iter();
    let ids: BTreeMap<Cidr, SubnetId> = subnets.map(|(id, subnet)| (subnet.cidr, *id)).collect();
    for (cidr, id) in &ids {
        let wider = (0..cidr.prefix()).rev();
        let mut around =
            wider.filter_map(|prefix| ids.get(&Cidr::containing(cidr.network(), prefix).ok()?));
        if let Some(outer) = around.next() {
            let place = Place { table: networks::Subnet::TABLE, key: id };
            mapper.report.note(place, format!("{cidr} lies within subnet {outer}"));
        }
    }
}

fn rdns_mode(mapper: &mut Mapper<'_>, place: Place<'_>, number: i64) -> RdnsMode {
    match number {
        0 => RdnsMode::Disabled,
        1 => RdnsMode::Enabled,
        2 => RdnsMode::Rfc2317,
        _ => {
            mapper.report.note(place, format!("rdns_mode {number} is unknown, the default counts"));
            RdnsMode::default()
        }
    }
}

fn dns_servers(mapper: &mut Mapper<'_>, place: Place<'_>, texts: &[String]) -> Vec<IpAddr> {
    let texts = mapper.report.list(place, "dns_servers", texts);
    let mut servers = Vec::with_capacity(texts.len());
    for text in texts {
        match text.parse() {
            Ok(server) => servers.push(server),
            Err(_) => mapper.report.note(place, "a DNS server is left out: it is no address"),
        }
    }
    servers
}

fn ranges(mapper: &mut Mapper<'_>) {
    for row in &mapper.dump.tables.ip_ranges {
        let place = Place { table: addresses::IpRange::TABLE, key: &row.id };
        let (site, report) = (&mapper.site, &mut mapper.report);
        let Some(subnet) = site.subnets.require(report, place, "subnet", row.subnet_id.0) else {
            continue;
        };
        let range_type = match row.kind.as_str() {
            "dynamic" => IpRangeType::Dynamic,
            "reserved" => IpRangeType::Reserved,
            other => {
                report.skip(place, format!("type {other:?} is unknown"));
                continue;
            }
        };
        let range = IpRange {
            subnet,
            range_type,
            start_ip: row.start_ip,
            end_ip: row.end_ip,
            user: site.users.link(report, place, "user", row.user_id.map(|id| id.0)),
            comment: report.text(place, "comment", row.comment.as_deref().unwrap_or_default()),
        };
        if let Some(reason) = range_fault(mapper, &range) {
            mapper.report.skip(place, reason);
            continue;
        }
        let dates = (row.created, row.updated);
        mapper.insert(|site| &mut site.ip_ranges, place, row.id.0, dates, range);
    }
}

/// The rule a range breaks.
fn range_fault(mapper: &Mapper<'_>, range: &IpRange) -> Option<String> {
    let subnet = mapper.site.subnets.get(&range.subnet)?;
    let inside = subnet.cidr.contains(range.start_ip) && subnet.cidr.contains(range.end_ip);
    if !inside || range.start_ip > range.end_ip {
        return Some(format!("it is not within {}", subnet.cidr));
    }
    // Subnets may lie within each other, but no address is handed out, and named, by two ranges.
    let is_rival = |other: &IpRange| match other.subnet == range.subnet {
        true => subnet.managed || other.range_type == range.range_type,
        false => [other.range_type, range.range_type] == [IpRangeType::Dynamic; 2],
    };
    let mut others = mapper.site.ip_ranges.iter();
    let (id, other) = others.find(|(_, other)| {
        other.start_ip <= range.end_ip && range.start_ip <= other.end_ip && is_rival(other)
    })?;
    let whose = if other.subnet == range.subnet { "" } else { " of another subnet" };
    Some(format!("it overlaps range {id}{whose}"))
}

fn routes(mapper: &mut Mapper<'_>) {
    for row in &mapper.dump.tables.static_routes {
        let place = Place { table: networks::StaticRoute::TABLE, key: &row.id };
        let (site, report) = (&mapper.site, &mut mapper.report);
        let source = site.subnets.require(report, place, "source", row.source_id.0);
        let Some(source) = source else { continue };
        let destination = row.destination_id.0;
        let destination = site.subnets.require(report, place, "destination", destination);
        let Some(destination) = destination else { continue };
        let Ok(metric) = u32::try_from(row.metric) else {
            report.skip(place, "the metric is out of range");
            continue;
        };
        let cidr = |id| site.subnets.get(id).map(|subnet| subnet.cidr);
        let (Some(from), Some(to)) = (cidr(&source), cidr(&destination)) else { continue };
        if from.family() != to.family() || source == destination {
            report.skip(place, "it does not lead from one subnet to another of its family");
            continue;
        }
        if !from.contains(row.gateway_ip) {
            report.note(place, format!("its gateway is not within {from}"));
        }
        let route = StaticRoute { source, destination, gateway_ip: row.gateway_ip, metric };
        let dates = (row.created, row.updated);
        mapper.insert(|site| &mut site.static_routes, place, row.id.0, dates, route);
    }
}
