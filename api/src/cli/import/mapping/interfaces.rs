//! Interfaces: those of each node's current configuration, and the unknown ones.

use crate::cli::import::mapping::mapper::Mapper;
use crate::cli::import::mapping::parameters::values;
use crate::cli::import::mapping::report::Place;
use crate::cli::import::mapping::site::id;
use crate::cli::import::record::Record as _;
use crate::cli::import::tables::{ids, interfaces as rows};
use regent_core::id::{InterfaceId, NodeId};
use regent_core::model::interface::{INTERFACE_LEVELS_MAX, Interface, InterfaceType};
use regent_core::net::mac::MacAddr;
use std::collections::{BTreeMap, BTreeSet};

/// Interfaces that one is made of.
const PARENTS_MAX: usize = 1000;

pub(in crate::cli::import::mapping) fn map(mapper: &mut Mapper<'_>) {
    let owners = owners(mapper);
    let (mut names, mut cards) = (BTreeSet::new(), BTreeSet::new());
    for row in &mapper.dump.tables.interfaces {
        let place = Place { table: rows::Interface::TABLE, key: &row.id };
        let Some((interface_type, node)) = placed(mapper, place, row, &owners) else { continue };
        let mac_address = row.mac_address.map(|mac| MacAddr(mac.octets));
        let is_card = interface_type == InterfaceType::Physical;
        let name = mapper.name(place, "name", &row.name);
        if node.is_some_and(|node| !names.insert((node, name.clone()))) {
            mapper.report.skip(place, "another interface of the node has the name");
            continue;
        }
        if is_card && mac_address.is_some_and(|mac| !cards.insert(mac)) {
            mapper.report.skip(place, "another card has the MAC address");
            continue;
        }
        let interface = filled(mapper, place, row, interface_type);
        let interface = Interface { name, node, mac_address, ..interface };
        let dates = (row.created, row.updated);
        mapper.insert(|site| &mut site.interfaces, place, row.id.0, dates, interface);
    }
    parents(mapper);
}

/// Whose current configuration each one is, if that node comes in.
type Owners = BTreeMap<ids::NodeConfigId, Option<NodeId>>;

fn owners(mapper: &Mapper<'_>) -> Owners {
    let tables = &mapper.dump.tables;
    let mut owners: Owners = tables.node_configs.iter().map(|row| (row.id, None)).collect();
    let homes: BTreeMap<_, _> =
        tables.node_configs.iter().map(|row| (row.id, row.node_id)).collect();
    for row in &tables.nodes {
        let Some(config) = row.current_config_id else { continue };
        let own = homes.get(&config) == Some(&row.id);
        let node = id::<NodeId>(row.id.0).filter(|id| own && mapper.site.nodes.get(id).is_some());
        if node.is_some() {
            owners.insert(config, node);
        }
    }
    owners
}

/// The type of an interface and whose it is; told if it does not come in.
fn placed(
    mapper: &mut Mapper<'_>,
    place: Place<'_>,
    row: &rows::Interface,
    owners: &Owners,
) -> Option<(InterfaceType, Option<NodeId>)> {
    let interface_type = match row.kind.as_str() {
        "physical" => InterfaceType::Physical,
        "bond" => InterfaceType::Bond,
        "bridge" => InterfaceType::Bridge,
        "vlan" => InterfaceType::Vlan,
        "unknown" => InterfaceType::Unknown,
        other => {
            mapper.report.skip(place, format!("interface type {other:?} is unknown"));
            return None;
        }
    };
    let owner = row.node_config_id.map(|config| owners.get(&config).copied());
    let reason = match (interface_type, owner) {
        (InterfaceType::Unknown, None) => return Some((interface_type, None)),
        (InterfaceType::Unknown, Some(_)) => "an unknown interface belongs to no node",
        (_, Some(Some(Some(node)))) => return Some((interface_type, Some(node))),
        (_, Some(Some(None))) => "it belongs to a configuration that is not a node's current one",
        (_, Some(None)) => "its node configuration is not there",
        (_, None) => "it belongs to no node",
    };
    mapper.report.skip(place, reason);
    None
}

fn filled(
    mapper: &mut Mapper<'_>,
    place: Place<'_>,
    row: &rows::Interface,
    interface_type: InterfaceType,
) -> Interface {
    let (site, report) = (&mapper.site, &mut mapper.report);
    if row.mac_address.is_some_and(|mac| !mac.is_canonical) {
        report.note(place, "its MAC address was not in lower case");
    }
    let speed = |number: i64| u32::try_from(number.max(0)).unwrap_or(u32::MAX);
    Interface {
        vlan: site.vlans.link(report, place, "vlan", row.vlan_id.map(|id| id.0)),
        enabled: row.enabled,
        params: values(report, place, "params", row.params.as_ref()),
        tags: report
            .names(place, "tags", row.tags.as_deref().unwrap_or_default())
            .into_iter()
            .collect(),
        acquired: row.acquired,
        link_connected: row.link_connected,
        link_speed: speed(row.link_speed),
        interface_speed: speed(row.interface_speed),
        sriov_max_vf: speed(row.sriov_max_vf),
        firmware_version: report.optional(place, "firmware_version", row.firmware_version.as_ref()),
        vendor: report.optional(place, "vendor", row.vendor.as_ref()),
        product: report.optional(place, "product", row.product.as_ref()),
        ..Interface::new(interface_type, "")
    }
}

/// What interfaces are made of. What is not on one node, leads back to itself or piles up too high is left out.
fn parents(mapper: &mut Mapper<'_>) {
    for row in &mapper.dump.tables.interface_relationships {
        let place = Place { table: rows::InterfaceRelationship::TABLE, key: &row.id };
        let (site, report) = (&mut mapper.site, &mut mapper.report);
        let child = site.interfaces.require(report, place, "child", row.child_id.0);
        let Some(child) = child else { continue };
        let parent = site.interfaces.require(report, place, "parent", row.parent_id.0);
        let Some(parent) = parent else { continue };
        let node = |id| site.interfaces.get(id).and_then(|interface| interface.node);
        if node(&child).is_none() || node(&child) != node(&parent) {
            report.skip(place, "the two are not on one node");
            continue;
        }
        let up = |id: InterfaceId| site.interfaces.get(&id).map(|row| row.parents.clone());
        if leads_to(child, parent, up) {
            report.skip(place, "it leads back to the interface itself");
        } else if let Some(interface) = site.interfaces.get_mut(&child) {
            if interface.parents.len() < PARENTS_MAX {
                interface.parents.insert(parent);
            } else {
                report.skip(place, format!("the interface has {PARENTS_MAX} parents already"));
            }
        }
    }
    for row in &mapper.dump.tables.interface_relationships {
        let place = Place { table: rows::InterfaceRelationship::TABLE, key: &row.id };
        let site = &mut mapper.site;
        let (Some(child), Some(parent)) = (id(row.child_id.0), id(row.parent_id.0)) else {
            continue;
        };
        let up = |id: &InterfaceId| site.interfaces.get(id).map(|row| row.parents.clone());
        let is_high = is_higher(child, INTERFACE_LEVELS_MAX, up);
        let interface = site.interfaces.get_mut(&child).filter(|_| is_high);
        if interface.is_some_and(|interface| interface.parents.remove(&parent)) {
            mapper.report.skip(place, "too many interfaces would be above one another");
        }
    }
}

/// Whether there are more than so many levels from an interface up, its own among them.
fn is_higher(
    top: InterfaceId,
    levels_max: usize,
    up: impl Fn(&InterfaceId) -> Option<BTreeSet<InterfaceId>>,
) -> bool {
    let mut level = BTreeSet::from([top]);
    for _ in 0..levels_max {
        level = level.iter().filter_map(&up).flatten().collect();
    }
    !level.is_empty()
}

/// Whether one comes to `goal` by going up from `start`.
fn leads_to(
    goal: InterfaceId,
    start: InterfaceId,
    up: impl Fn(InterfaceId) -> Option<BTreeSet<InterfaceId>>,
) -> bool {
    let (mut open, mut seen) = (vec![start], BTreeSet::new());
    while let Some(here) = open.pop() {
        if here == goal {
            return true;
        }
        if seen.insert(here) {
            open.extend(up(here).into_iter().flatten());
        }
    }
    false
}
