//! Machines, devices and controllers.

use crate::cli::import::mapping::accounts::{UNDATED, keep};
use crate::cli::import::mapping::dns::ttl;
use crate::cli::import::mapping::mapper::Mapper;
use crate::cli::import::mapping::parameters::{take_secrets, values};
use crate::cli::import::mapping::report::Place;
use crate::cli::import::mapping::site::{Arrival, id};
use crate::cli::import::record::Record as _;
use crate::cli::import::tables::nodes as rows;
use regent_core::id::{AvailabilityZoneId, InterfaceId, NodeId, StaticIpAddressId, SystemId};
use regent_core::model::hostname::Hostname;
use regent_core::model::node::{ControllerInfo, NODE_LEVELS_MAX, Node, NodeType, PowerState};
use regent_core::model::node_status::NodeStatus;
use regent_core::model::owner_data::{OwnerData, OwnerDataKey};
use regent_core::object::{Kind, ObjectRef};
use std::collections::{BTreeMap, BTreeSet};

/// Tags of one node.
const TAGS_MAX: usize = 2000;

pub(in crate::cli::import::mapping) fn map(mapper: &mut Mapper<'_>, home: AvailabilityZoneId) {
    let mut system_ids = BTreeSet::new();
    for row in &mapper.dump.tables.nodes {
        let place = Place { table: rows::Node::TABLE, key: &row.id };
        let Some(mut node) = identified(mapper, place, row, home) else { continue };
        if !system_ids.insert(node.system_id) {
            mapper.report.skip(place, "another node has the system id");
            continue;
        }
        describe(mapper, place, row, &mut node);
        connect(mapper, place, row, &mut node);
        mapper.insert(|site| &mut site.nodes, place, row.id.0, (row.created, row.updated), node);
    }
    tags(mapper);
    parents(mapper);
    controllers(mapper);
    owner_data(mapper);
}

/// What a node is and what it is called.
fn identified(
    mapper: &mut Mapper<'_>,
    place: Place<'_>,
    row: &rows::Node,
    home: AvailabilityZoneId,
) -> Option<Node> {
    let report = &mut mapper.report;
    let Ok(system_id) = SystemId::parse(&row.system_id) else {
        report.skip(place, "its system id is none");
        return None;
    };
    let hostname =
        Hostname::imported(&row.hostname).inspect_err(|error| report.skip(place, error)).ok()?;
    let Some(node_type) = node_type(row.node_type) else {
        report.skip(place, format!("node type {} is unknown", row.node_type));
        return None;
    };
    let zones = &mapper.site.availability_zones;
    let zone = zones.link(report, place, "zone", row.zone_id.map(|id| id.0)).unwrap_or(home);
    if !hostname.is_strict() {
        report.note(place, "its host name is no DNS label");
    }
    Some(Node::new(system_id, node_type, hostname, zone))
}

const fn node_type(number: i64) -> Option<NodeType> {
    Some(match number {
        0 => NodeType::Machine,
        1 => NodeType::Device,
        2 => NodeType::RackController,
        3 => NodeType::RegionController,
        4 => NodeType::RegionAndRackController,
        _ => return None,
    })
}

/// What stands in the row alone.
fn describe(mapper: &mut Mapper<'_>, place: Place<'_>, row: &rows::Node, node: &mut Node) {
    node.status = status(mapper, place, "status", row.status);
    node.previous_status = status(mapper, place, "previous_status", row.previous_status);
    node.error_description = mapper.text(place, "error_description", &row.error_description);
    node.power_state = power_state(mapper, place, &row.power_state);
    node.power_state_updated = row.power_state_updated;
    let architecture = row.architecture.as_deref().unwrap_or_default();
    node.architecture = mapper.name(place, "architecture", architecture);
    node.description = mapper.text(place, "description", &row.description);
    node.address_ttl = ttl(mapper, place, row.address_ttl);
    node.locked = row.locked;
    let instance = row.instance_power_parameters.as_ref().map(|hidden| &hidden.0);
    let mut power_parameters =
        values(&mut mapper.report, place, "instance_power_parameters", instance);
    if let Some(id) = id::<NodeId>(row.id.0) {
        for (name, text) in take_secrets(&mut power_parameters) {
            keep(mapper, ObjectRef::numbered(Kind::Node, id), &name, text);
        }
    }
    node.instance_power_parameters = power_parameters;
    node.hardware_uuid = mapper.report.optional(place, "hardware_uuid", row.hardware_uuid.as_ref());
    node.osystem = mapper.name(place, "osystem", &row.osystem);
    node.distro_series = mapper.name(place, "distro_series", &row.distro_series);
    node.hwe_kernel = mapper.report.optional(place, "hwe_kernel", row.hwe_kernel.as_ref());
    node.min_hwe_kernel =
        mapper.report.optional(place, "min_hwe_kernel", row.min_hwe_kernel.as_ref());
    node.cpu_count = small(row.cpu_count);
    node.cpu_speed = small(row.cpu_speed);
    node.memory = small(row.memory);
    node.swap_size = row.swap_size.and_then(|size| u64::try_from(size).ok());
    node.bios_boot_method =
        mapper.report.optional(place, "bios_boot_method", row.bios_boot_method.as_ref());
    node.netboot = row.netboot;
    node.ephemeral_deploy = row.ephemeral_deploy;
    node.dynamic = row.dynamic;
    let agent_name = row.agent_name.as_deref().unwrap_or_default();
    node.agent_name = mapper.text(place, "agent_name", agent_name);
    node.enable_hw_sync = row.enable_hw_sync;
    node.is_dpu = row.is_dpu;
    node.controller = match node.node_type {
        NodeType::Machine | NodeType::Device => None,
        NodeType::RackController
        | NodeType::RegionController
        | NodeType::RegionAndRackController => Some(ControllerInfo {
            version: String::new(),
            url: mapper.text(place, "url", &row.url),
            last_image_sync: row.last_image_sync,
        }),
    };
}

/// What hardware tells of itself; what is below nothing counts as nothing.
fn small(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}

fn status(mapper: &mut Mapper<'_>, place: Place<'_>, field: &str, number: i64) -> NodeStatus {
    let known = u8::try_from(number).ok().and_then(NodeStatus::from_number);
    known.unwrap_or_else(|| {
        mapper.report.note(place, format!("{field} {number} is unknown: it counts as new"));
        NodeStatus::New
    })
}

fn power_state(mapper: &mut Mapper<'_>, place: Place<'_>, text: &str) -> PowerState {
    match text {
        "on" => PowerState::On,
        "off" => PowerState::Off,
        "unknown" => PowerState::Unknown,
        "error" => PowerState::Error,
        _ => {
            mapper.report.note(place, "its power state is unknown to Regent");
            PowerState::Unknown
        }
    }
}

/// What a node refers to, as far as that is known before interfaces and addresses are.
fn connect(mapper: &mut Mapper<'_>, place: Place<'_>, row: &rows::Node, node: &mut Node) {
    let (site, report) = (&mapper.site, &mut mapper.report);
    if row.domain_id.is_none() {
        report.note(place, "it is in no domain");
    }
    node.domain = site.domains.link(report, place, "domain", row.domain_id.map(|id| id.0));
    node.owner = site.users.link(report, place, "owner", row.owner_id.map(|id| id.0));
    node.bmc = site.bmcs.link(report, place, "bmc", row.bmc_id.map(|id| id.0));
    if node.node_type == NodeType::Machine {
        let pools = &site.resource_pools;
        node.pool = pools.link(report, place, "pool", row.pool_id.map(|id| id.0));
    }
}

fn tags(mapper: &mut Mapper<'_>) {
    for row in &mapper.dump.tables.node_tags {
        let key = format!("{}/{}", row.node_id, row.tag_id);
        let place = Place { table: rows::NodeTag::TABLE, key: &key };
        let (site, report) = (&mut mapper.site, &mut mapper.report);
        let Some(tag) = site.tags.require(report, place, "tag", row.tag_id.0) else { continue };
        let Some(node) = site.nodes.require(report, place, "node", row.node_id.0) else {
            continue;
        };
        if let Some(node) = site.nodes.get_mut(&node) {
            if node.tags.len() < TAGS_MAX {
                node.tags.insert(tag);
            } else {
                report.skip(place, format!("the node has {TAGS_MAX} tags already"));
            }
        }
    }
}

/// What nodes live in. One that leads back to itself is left out, and so is one that makes the way up too long.
fn parents(mapper: &mut Mapper<'_>) {
    for row in &mapper.dump.tables.nodes {
        let place = Place { table: rows::Node::TABLE, key: &row.id };
        let (site, report) = (&mut mapper.site, &mut mapper.report);
        let Some(own) = id::<NodeId>(row.id.0).filter(|id| site.nodes.get(id).is_some()) else {
            continue;
        };
        let parent = site.nodes.link(report, place, "parent", row.parent_id.map(|id| id.0));
        let Some(parent) = parent else { continue };
        let next = |id: &NodeId| site.nodes.get(id).and_then(|node| node.parent);
        if std::iter::successors(Some(parent), next).any(|id| id == own) {
            report.note(place, "parent is left empty: it leads back to the node itself");
        } else if let Some(node) = site.nodes.get_mut(&own) {
            node.parent = Some(parent);
        }
    }
    for row in &mapper.dump.tables.nodes {
        let place = Place { table: rows::Node::TABLE, key: &row.id };
        let (site, report) = (&mut mapper.site, &mut mapper.report);
        let Some(own) = id::<NodeId>(row.id.0) else { continue };
        let next = |id: &NodeId| site.nodes.get(id).and_then(|node| node.parent);
        let way = std::iter::successors(Some(own), next).take(NODE_LEVELS_MAX + 1);
        if way.count() > NODE_LEVELS_MAX {
            report.note(place, "parent is left empty: too many nodes would be inside one another");
            site.nodes.get_mut(&own).into_iter().for_each(|node| node.parent = None);
        }
    }
}

fn controllers(mapper: &mut Mapper<'_>) {
    for row in &mapper.dump.tables.controller_infos {
        let place = Place { table: rows::ControllerInfo::TABLE, key: &row.node_id };
        let version = mapper.name(place, "version", &row.version);
        let node = id::<NodeId>(row.node_id.0).and_then(|id| mapper.site.nodes.get_mut(&id));
        match node.and_then(|node| node.controller.as_mut()) {
            Some(info) => info.version = version,
            None => mapper.report.skip(place, "its node is no controller, or does not come in"),
        }
    }
}

fn owner_data(mapper: &mut Mapper<'_>) {
    for row in &mapper.dump.tables.owner_data {
        let place = Place { table: rows::OwnerData::TABLE, key: &row.id };
        let report = &mut mapper.report;
        let node = mapper.site.nodes.require(report, place, "node", row.node_id.0);
        let Some(node) = node else { continue };
        let value = OwnerData { value: mapper.text(place, "value", &row.value) };
        let key = OwnerDataKey { node, key: mapper.name(place, "key", &row.key) };
        let (created, updated) = UNDATED;
        let arrival = Arrival { created, updated, value };
        if let Err(refusal) = mapper.site.owner_data.insert(key, arrival) {
            mapper.report.skip(place, refusal);
        }
    }
}

/// Boot interfaces and default routes, once interfaces and addresses are known.
pub(in crate::cli::import::mapping) fn attach(mapper: &mut Mapper<'_>) {
    let mut addresses: BTreeMap<StaticIpAddressId, Vec<InterfaceId>> = BTreeMap::new();
    for (id, address) in mapper.site.static_ip_addresses.iter() {
        addresses.insert(*id, address.interfaces.iter().copied().collect());
    }
    for row in &mapper.dump.tables.nodes {
        let place = Place { table: rows::Node::TABLE, key: &row.id };
        let Some(own) = id::<NodeId>(row.id.0) else { continue };
        if mapper.site.nodes.get(&own).is_none() {
            continue;
        }
        let boot = boot_interface(mapper, place, row, own);
        let mut gateway = |field: &str, number: Option<i64>| {
            let (site, report) = (&mapper.site, &mut mapper.report);
            let link = site.static_ip_addresses.link(report, place, field, number)?;
            let interfaces = addresses.get(&link).map_or(&[][..], Vec::as_slice);
            let is_own = |id| site.interfaces.get(id).is_some_and(|row| row.node == Some(own));
            if interfaces.iter().any(is_own) {
                return Some(link);
            }
            report.note(place, format!("{field} is left empty: it is another node's"));
            None
        };
        let v4 = gateway("gateway_link_ipv4", row.gateway_link_ipv4_id.map(|id| id.0));
        let v6 = gateway("gateway_link_ipv6", row.gateway_link_ipv6_id.map(|id| id.0));
        if let Some(node) = mapper.site.nodes.get_mut(&own) {
            (node.boot_interface, node.gateway_link_ipv4, node.gateway_link_ipv6) = (boot, v4, v6);
        }
    }
}

fn boot_interface(
    mapper: &mut Mapper<'_>,
    place: Place<'_>,
    row: &rows::Node,
    own: NodeId,
) -> Option<InterfaceId> {
    let (site, report) = (&mapper.site, &mut mapper.report);
    let number = row.boot_interface_id.map(|id| id.0);
    let boot = site.interfaces.link(report, place, "boot_interface", number)?;
    if site.interfaces.get(&boot).is_some_and(|interface| interface.node == Some(own)) {
        return Some(boot);
    }
    report.note(place, "boot_interface is left empty: it is another node's");
    None
}
