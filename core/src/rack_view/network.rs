//! A VLAN as one of its racks is told of it. What it costs depends on the VLAN's subnets, ranges, routes and blocks, not
//! on its machines.

use crate::id::{NodeId, SubnetId, VlanId};
use crate::lease::server::Server;
use crate::model::boot::BootSettings;
use crate::model::cut_over::CutOver;
use crate::model::ip_range::{IpRange, IpRangeType};
use crate::model::lease_block::LeaseBlock;
use crate::model::static_route::StaticRoute;
use crate::model::subnet::Subnet as Recorded;
use crate::model::vlan::{MTU_BYTES_DEFAULT, Vlan};
use crate::net::address_range::AddressRange;
use crate::net::cidr::Cidr;
use crate::net::ip_number::v4;
use crate::object::{Kind, ObjectRef};
use crate::query::network::ranges;
use crate::query::rack_life::present_server;
use crate::query::terms::terms_of;
use crate::rack_view::boot::offered;
use crate::rack_view::served::{serving, subnets_of};
use crate::rack_view::site::Site;
use crate::rack_view::snippets::of_subnet;
use crate::rack_view::subnet::{RapidCommit, Route, Subnet, Told};
use crate::rack_view::vlan::VlanTold;
use crate::state::State;
use crate::time::Millis;
use std::net::Ipv4Addr;

/// Dynamic ranges of a subnet that are served: the first ones.
pub const SUBNET_RANGES_MAX: usize = 256;
/// Blocks of a subnet that racks are told of.
pub const SUBNET_BLOCKS_MAX: usize = 1024;
/// Blocks of its own that a rack is told of on one VLAN.
pub const VLAN_OWN_BLOCKS_MAX: usize = 1024;
/// Routes that clients of a subnet are told: more have no room in a reply.
pub const SUBNET_ROUTES_MAX: usize = 32;
/// Servers of a subnet that its clients are told.
pub const SUBNET_SERVERS_MAX: usize = 8;
/// What firmware that boots from the network gets an address for at a time, as MAAS has it.
const BOOT_LIFE: Millis = Millis::from_secs(30);

/// A VLAN as the rack is told of it, without hosts and leases; none if the rack does not serve it.
#[must_use]
pub fn vlan_view(state: &State, rack: NodeId, vlan: VlanId) -> Option<VlanTold> {
    vlan_of_site(state, rack, vlan, &Site::of(state))
}

/// As [`vlan_view`], where what all VLANs share is known already.
pub(in crate::rack_view) fn vlan_of_site(
    state: &State,
    rack: NodeId,
    id: VlanId,
    site: &Site,
) -> Option<VlanTold> {
    let serving = serving(state, rack, id)?;
    let vlan = &state.get::<Vlan>(&id)?.value;
    let server = present_server(state, rack);
    let of_blocks = |cidr| blocks(state, cidr).filter(|(owner, _)| Some(*owner) == server);
    let mut own_blocks: Vec<AddressRange> =
        subnets_of(state, id).flat_map(|(_, row)| of_blocks(row.cidr)).map(|(_, it)| it).collect();
    own_blocks.sort_unstable();
    own_blocks.dedup();
    own_blocks.truncate(VLAN_OWN_BLOCKS_MAX);
    let subnets = subnets_of(state, id);
    Some(VlanTold {
        id,
        epoch: serving.epoch,
        share: serving.share,
        subnets: subnets.map(|(id, row)| subnet(state, server, site, vlan, id, row)).collect(),
        own_blocks,
        boot: vlan.boot.clone(),
        settings: site.settings.clone(),
        probing: site.probing,
    })
}

fn subnet(
    state: &State,
    server: Option<Server>,
    site: &Site,
    vlan: &Vlan,
    id: SubnetId,
    row: &Recorded,
) -> Subnet {
    let foreign = blocks(state, row.cidr).filter(|(owner, _)| Some(*owner) != server);
    Subnet {
        id,
        cidr: row.cidr,
        ranges: dynamic_ranges(state, id),
        foreign_blocks: foreign.map(|(_, block)| block).take(SUBNET_BLOCKS_MAX).collect(),
        closed: closed(state, id),
        terms: terms_of(state),
        boot_life: BOOT_LIFE,
        rapid_commit: RapidCommit::Refused,
        told: told(state, site, vlan, id, row),
        boot: boot(vlan, row),
    }
}

fn told(state: &State, site: &Site, vlan: &Vlan, id: SubnetId, row: &Recorded) -> Told {
    let mut dns_servers: Vec<Ipv4Addr> = row.dns_servers.iter().copied().filter_map(v4).collect();
    let ours = site.dns_servers.iter().filter(|_| row.allow_dns).copied();
    let ours: Vec<Ipv4Addr> = ours.filter(|server| !dns_servers.contains(server)).collect();
    dns_servers.extend(ours);
    dns_servers.truncate(SUBNET_SERVERS_MAX);
    let is_usual = vlan.mtu == MTU_BYTES_DEFAULT;
    Told {
        gateway: row.gateway_ip.and_then(v4),
        dns_servers,
        domain: site.domain.clone(),
        search: site.search.clone(),
        ntp_servers: site.ntp_servers.clone(),
        ntp_names: site.ntp_names.clone(),
        mtu: if is_usual { None } else { u16::try_from(vlan.mtu).ok() },
        routes: routes(state, id),
        settings: of_subnet(state, id),
    }
}

/// How clients of the subnet boot, where that is not simply what the VLAN says.
fn boot(vlan: &Vlan, row: &Recorded) -> Option<BootSettings> {
    let set = row.boot.as_ref().or(vlan.boot.as_ref())?;
    let offered = offered(set, &row.disabled_boot_architectures);
    (row.boot.is_some() || vlan.boot.as_ref() != Some(&offered)).then_some(offered)
}

fn dynamic_ranges(state: &State, subnet: SubnetId) -> Vec<AddressRange> {
    let bounds = |row: &IpRange| AddressRange::new(row.start_ip, row.end_ip).ok();
    let ranges = ranges(state, subnet, IpRangeType::Dynamic);
    ranges.filter_map(|row| bounds(&row.value)).take(SUBNET_RANGES_MAX).collect()
}

fn closed(state: &State, subnet: SubnetId) -> Vec<AddressRange> {
    let cut_over = state.get::<CutOver>(&subnet);
    cut_over.map_or_else(Vec::new, |row| {
        row.value.closed.iter().take(SUBNET_BLOCKS_MAX).copied().collect()
    })
}

/// The blocks within a prefix, and whose they are.
fn blocks(state: &State, cidr: Cidr) -> impl Iterator<Item = (Server, AddressRange)> {
    let within = state.tables().lease_blocks.range(cidr.network()..=cidr.last());
    within.filter_map(|(first, row)| {
        let LeaseBlock { last, block, .. } = &row.value;
        AddressRange::new(*first, *last).ok().map(|range| (block.server, range))
    })
}

/// Ways from a subnet to others: of several to one network the cheapest.
fn routes(state: &State, subnet: SubnetId) -> Vec<Route> {
    let source = ObjectRef::numbered(Kind::Subnet, subnet);
    let rows = state.referrers::<StaticRoute>(&source);
    let rows = rows.filter_map(|id| state.get::<StaticRoute>(&id).map(|row| &row.value));
    let mut out: Vec<&StaticRoute> = rows.filter(|route| route.source == subnet).collect();
    out.sort_by_key(|route| route.metric);
    let mut routes: Vec<Route> = Vec::new();
    for route in out.into_iter().filter_map(|row| as_route(state, row)) {
        let is_known =
            |known: &Route| (known.network, known.prefix) == (route.network, route.prefix);
        if routes.len() < SUBNET_ROUTES_MAX && !routes.iter().any(is_known) {
            routes.push(route);
        }
    }
    routes
}

fn as_route(state: &State, row: &StaticRoute) -> Option<Route> {
    let to = state.get::<Recorded>(&row.destination)?.value.cidr;
    Some(Route { network: v4(to.network())?, prefix: to.prefix(), gateway: v4(row.gateway_ip)? })
}
