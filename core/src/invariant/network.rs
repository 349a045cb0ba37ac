//! Rules of the network: what is unique, what lies inside what, and what may not lead back to itself.

use crate::id::{Id, InterfaceId, NodeId, VlanId};
use crate::invariant::found::Found;
use crate::model::global_defaults::{GLOBAL_DEFAULTS, GlobalDefaults};
use crate::model::interface::{INTERFACE_LEVELS_MAX, Interface, InterfaceType};
use crate::model::ip_range::{IpRange, IpRangeType};
use crate::model::node::{NODE_LEVELS_MAX, Node};
use crate::model::static_ip_address::{AllocType, StaticIpAddress};
use crate::model::subnet::Subnet;
use crate::model::vlan::Vlan;
use crate::query::network::{default_vlan, ranges};
use crate::state::State;
use crate::state::index::Index;
use crate::state::tables::Stored;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

pub(in crate::invariant) fn check(state: &State, found: &mut Found) {
    check_unique(state, found);
    check_addresses(state, found);
    check_ranges(state, found);
    check_loops(state, found);
    check_places(state, found);
}

fn check_unique(state: &State, found: &mut Found) {
    let indexes = state.indexes();
    once(found, "zone names", &indexes.zones_by_name);
    once(found, "pool names", &indexes.pools_by_name);
    once(found, "tag names", &indexes.tags_by_name);
    once(found, "space names", &indexes.spaces_by_name);
    once(found, "fabric names", &indexes.fabrics_by_name);
    once(found, "domain names", &indexes.domains_by_name);
    once(found, "user names", &indexes.users_by_name);
    once(found, "token keys", &indexes.tokens_by_key);
    once(found, "VLAN numbers", &indexes.vlans_by_vid);
    once(found, "prefixes", &indexes.subnets_by_cidr);
    once(found, "system ids", &indexes.nodes_by_system_id);
    once(found, "interface names", &indexes.interfaces_by_name);
    once(found, "reserved addresses", &indexes.reserved_ips_by_ip);
    once(found, "reserved MAC addresses", &indexes.reserved_ips_by_mac);
    let mut cards = BTreeSet::new();
    for (mac, id) in indexes.interfaces_by_mac.iter() {
        let row = state.get::<Interface>(id);
        if row.is_some_and(|row| row.value.interface_type == InterfaceType::Physical) {
            found.unless(cards.insert(*mac), "MAC addresses", || format!("{mac} on two cards"));
        }
    }
}

/// No value is listed twice.
fn once<A: Ord + Clone + Debug, B: Ord + Clone + Debug>(
    found: &mut Found,
    rule: &'static str,
    index: &Index<A, B>,
) {
    for ((value, first), (next, second)) in index.iter().zip(index.iter().skip(1)) {
        found.unless(value != next, rule, || format!("{value:?} of {first:?} and {second:?}"));
    }
}

/// An address is given once, and discovered once.
fn check_addresses(state: &State, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for (ip, id) in state.indexes().addresses_by_ip.iter() {
        let Some(row) = state.get::<StaticIpAddress>(id) else { continue };
        let discovered = row.value.alloc_type == AllocType::Discovered;
        found.unless(seen.insert((*ip, discovered)), "addresses", || format!("{ip} twice"));
    }
}

/// Ranges lie in their subnet and, type by type, apart; in managed subnets all apart. Dynamic ones are apart even where
/// subnets lie within each other: no address is handed out, and named, by two.
fn check_ranges(state: &State, found: &mut Found) {
    let dynamic = state.indexes().dynamic_ranges_by_start.iter();
    let dynamic = dynamic.filter_map(|(_, id)| state.get::<IpRange>(id)).map(|row| &row.value);
    apart(found, &dynamic.collect::<Vec<_>>());
    for (id, row) in state.tables().subnets.iter() {
        let subnet: &Subnet = &row.value;
        let of = |range_type| ranges(state, *id, range_type).map(|row| &row.value);
        let mut all: Vec<&IpRange> = of(IpRangeType::Reserved).collect();
        apart(found, &all);
        all.extend(of(IpRangeType::Dynamic));
        for range in &all {
            let inside = subnet.cidr.contains(range.start_ip) && subnet.cidr.contains(range.end_ip);
            found.unless(inside && range.start_ip <= range.end_ip, "ranges", || {
                format!("{}-{} not in {}", range.start_ip, range.end_ip, subnet.cidr)
            });
        }
        if subnet.managed {
            all.sort_by_key(|range| range.start_ip);
            apart(found, &all);
        }
    }
}

fn apart(found: &mut Found, sorted: &[&IpRange]) {
    for (lower, upper) in sorted.iter().zip(sorted.iter().skip(1)) {
        found.unless(lower.end_ip < upper.start_ip, "ranges", || {
            format!("{} and {} overlap", lower.start_ip, upper.start_ip)
        });
    }
}

fn check_loops(state: &State, found: &mut Found) {
    let tables = state.tables();
    let parents = |id: InterfaceId| -> Vec<InterfaceId> {
        let row = state.get::<Interface>(&id);
        row.map(|row| row.value.parents.iter().copied().collect()).unwrap_or_default()
    };
    let interfaces = tables.interfaces.iter().map(|(id, _)| *id);
    no_loop(found, "interface parents", INTERFACE_LEVELS_MAX, interfaces, parents);
    let parent =
        |id: NodeId| state.get::<Node>(&id).and_then(|row| row.value.parent).into_iter().collect();
    let nodes = tables.nodes.iter().map(|(id, _)| *id);
    no_loop(found, "node parents", NODE_LEVELS_MAX, nodes, parent);
    let relay = |id: VlanId| {
        state.get::<Vlan>(&id).and_then(|row| row.value.relay_vlan).into_iter().collect()
    };
    no_loop(found, "VLAN relays", usize::MAX, tables.vlans.iter().map(|(id, _)| *id), relay);
}

/// Takes away, again and again, what leads nowhere: what then remains leads back to itself. What is taken away stands
/// one level above the highest that it led to.
fn no_loop<I: Id>(
    found: &mut Found,
    rule: &'static str,
    levels_max: usize,
    ids: impl Iterator<Item = I>,
    up: impl Fn(I) -> Vec<I>,
) {
    let mut open: BTreeMap<I, (usize, usize)> = BTreeMap::new();
    let mut below: BTreeMap<I, Vec<I>> = BTreeMap::new();
    let mut settled = Vec::new();
    for id in ids {
        let above = up(id);
        if above.is_empty() {
            settled.push((id, 1));
        }
        open.insert(id, (above.len(), 0));
        above.into_iter().for_each(|above| below.entry(above).or_default().push(id));
    }
    while let Some((id, level)) = settled.pop() {
        found.unless(level <= levels_max, rule, || format!("{id} is at level {level}"));
        open.remove(&id);
        for child in below.get(&id).into_iter().flatten() {
            let Some((left, highest)) = open.get_mut(child) else { continue };
            (*left, *highest) = (left.saturating_sub(1), level.max(*highest));
            if *left == 0 {
                settled.push((*child, *highest + 1));
            }
        }
    }
    found.unless(open.is_empty(), rule, || format!("{:?} lead back to themselves", open.keys()));
}

/// Every fabric has a VLAN; unknown interfaces have no node, all others one; boot interfaces are the node's own.
fn check_places(state: &State, found: &mut Found) {
    for (id, _) in state.tables().fabrics.iter() {
        let has_one = default_vlan(state, *id).is_some();
        found.unless(has_one, "default VLANs", || format!("fabric {id} has none"));
    }
    for (id, row) in state.tables().interfaces.iter() {
        let unknown = row.value.interface_type == InterfaceType::Unknown;
        found.unless(unknown == row.value.node.is_none(), "interface owners", || {
            format!(
                "interface {id} is {}, node {:?}",
                row.value.interface_type.name(),
                row.value.node
            )
        });
    }
    for (id, row) in state.tables().nodes.iter() {
        let boot = row.value.boot_interface.and_then(|boot| state.get::<Interface>(&boot));
        let own = boot.is_none_or(|boot| boot.value.node == Some(*id));
        found.unless(own, "boot interfaces", || {
            format!("that of {} is another's", Node::object(id))
        });
    }
    let founded =
        state.tables().nodes.is_empty() || state.get::<GlobalDefaults>(&GLOBAL_DEFAULTS).is_some();
    found.unless(founded, "defaults", || "there are nodes and no defaults".into());
}
