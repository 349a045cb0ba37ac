//! The names of a node: `HOST.DOMAIN` for what it boots from, `IFACE.HOST.DOMAIN` for the rest.

use crate::dns::fact::Fact;
use crate::id::{InterfaceId, NodeId, StaticIpAddressId};
use crate::lease::binding::Held;
use crate::model::dns_name::DomainName;
use crate::model::dns_resource::DnsResource;
use crate::model::domain::Domain;
use crate::model::hostname::interface_fqdn;
use crate::model::interface::{Interface, InterfaceType};
use crate::model::lease::Lease;
use crate::model::node::Node;
use crate::model::static_ip_address::{AllocType, StaticIpAddress};
use crate::net::ip_number::IpFamily;
use crate::query::dns_name::{node_name, resources_at};
use crate::query::dns_site::dns_site;
use crate::query::owned::{addresses_of, interfaces_of};
use crate::state::State;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// One address of a node, with what decides which of its names it gets.
struct Candidate<'a> {
    interface: &'a Interface,
    ip: IpAddr,
    alloc_type: AllocType,
    boots: bool,
    rank: Rank,
}

/// Lower goes first: preference, type, interface, unique local addresses after others, address.
type Rank = (u8, u8, InterfaceId, bool, Place);

/// Where an address of an interface is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// As an address of its own.
    Recorded(StaticIpAddressId),
    /// As a lease.
    Leased(IpAddr),
}

pub(in crate::derivation) fn facts(state: &State, id: NodeId) -> Vec<Fact> {
    let Some(row) = state.get::<Node>(&id) else { return Vec::new() };
    let node = &row.value;
    let Some(fqdn) = node_name(state, node) else { return Vec::new() };
    let domain = node.domain.and_then(|id| state.get::<Domain>(&id));
    let ttl = node.address_ttl.or_else(|| domain.and_then(|row| row.value.ttl));
    let ttl = ttl.unwrap_or_else(|| dns_site(state).default_ttl);
    let candidates = candidates(state, id, node.boot_interface);
    let at_host = at_host(state, &fqdn, &candidates);
    let mut facts: Vec<Fact> =
        at_host.iter().map(|ip| Fact::address(fqdn.clone(), ttl, *ip, true)).collect();
    let assigned = candidates.iter().any(|one| one.alloc_type != AllocType::Discovered);
    let mut named: BTreeSet<(DomainName, IpAddr)> = BTreeSet::new();
    for one in &candidates {
        let hidden = assigned && one.alloc_type == AllocType::Discovered;
        if hidden || at_host.contains(&one.ip) {
            continue;
        }
        if let Some(name) = interface_fqdn(&one.interface.name, &fqdn)
            && named.insert((name.clone(), one.ip))
        {
            facts.push(Fact::address(name, ttl, one.ip, true));
        }
    }
    facts
}

/// All addresses of a node.
fn candidates(state: &State, node: NodeId, boot: Option<InterfaceId>) -> Vec<Candidate<'_>> {
    let mut candidates = Vec::new();
    for id in interfaces_of(state, node) {
        let Some(interface) = state.get::<Interface>(&id).map(|row| &row.value) else { continue };
        let (boots, preference) = preference(state, id, interface, boot);
        let candidate = |ip, alloc_type, place| {
            let rank = (preference, order(alloc_type), id, is_unique_local(ip), place);
            Candidate { interface, ip, alloc_type, boots, rank }
        };
        for address_id in addresses_of(state, id) {
            let Some(address) = state.get::<StaticIpAddress>(&address_id) else { continue };
            let Some(ip) = address.value.named_ip() else { continue };
            candidates.push(candidate(ip, address.value.alloc_type, Place::Recorded(address_id)));
        }
        let leased = leases_of(state, interface);
        candidates.extend(leased.map(|ip| candidate(ip, AllocType::Discovered, Place::Leased(ip))));
    }
    candidates
}

/// The addresses a card has by DHCP: as good as those that were seen on it.
fn leases_of<'a>(
    state: &'a State,
    interface: &'a Interface,
) -> impl Iterator<Item = IpAddr> + use<'a> {
    let leases = interface.mac_address.as_ref().map(|mac| state.indexes().leases_by_mac.under(mac));
    leases.into_iter().flatten().copied().filter(|address| {
        let lease = state.get::<Lease>(address);
        lease.is_some_and(|row| row.value.binding.held == Held::Bound)
    })
}

/// The addresses at the host name: the first of each family of what it boots from; or of all, if it boots from nothing
/// with an address and nobody gave the name addresses. Those people gave it are its own as well.
fn at_host(state: &State, fqdn: &DomainName, candidates: &[Candidate<'_>]) -> BTreeSet<IpAddr> {
    let given = given(state, fqdn);
    let boots = candidates.iter().any(|one| one.boots);
    let mut chosen = BTreeSet::new();
    if boots || given.is_empty() {
        for family in [IpFamily::V4, IpFamily::V6] {
            let of_family = candidates
                .iter()
                .filter(|one| one.boots == boots && IpFamily::of(one.ip) == family);
            chosen.extend(of_family.min_by_key(|one| one.rank).map(|one| one.ip));
        }
    }
    chosen.extend(candidates.iter().map(|one| one.ip).filter(|ip| given.contains(ip)));
    chosen
}

/// The addresses of DNS resources of the same name.
fn given(state: &State, fqdn: &DomainName) -> BTreeSet<IpAddr> {
    let resources = resources_at(state, fqdn).into_iter();
    let rows = resources.filter_map(|id| state.get::<DnsResource>(&id));
    let addresses = rows.flat_map(|row| row.value.addresses.iter());
    addresses
        .filter_map(|id| state.get::<StaticIpAddress>(id))
        .filter_map(|row| row.value.named_ip())
        .collect()
}

/// Whether a node boots from an interface or from what that is made of, and MAAS's preference among interfaces.
fn preference(
    state: &State,
    id: InterfaceId,
    interface: &Interface,
    boot: Option<InterfaceId>,
) -> (bool, u8) {
    let is_boot = |id: InterfaceId| Some(id) == boot;
    let parent = interface.parents.iter().copied().any(is_boot);
    let grandparents = interface
        .parents
        .iter()
        .filter_map(|id| state.get::<Interface>(id))
        .flat_map(|row| row.value.parents.iter().copied());
    let grandparent = grandparents.into_iter().any(is_boot);
    let boots = is_boot(id) || parent || grandparent;
    let preference = match interface.interface_type {
        InterfaceType::Bridge if grandparent => 1,
        InterfaceType::Bridge if parent => 2,
        InterfaceType::Bond if parent => 3,
        InterfaceType::Physical if is_boot(id) => 4,
        InterfaceType::Bond => 5,
        InterfaceType::Physical => 6,
        InterfaceType::Vlan => 7,
        InterfaceType::Unknown => 9,
        InterfaceType::Bridge => 10,
    };
    (boots, preference)
}

const fn order(alloc_type: AllocType) -> u8 {
    match alloc_type {
        AllocType::Sticky => 1,
        AllocType::UserReserved => 2,
        AllocType::Auto => 3,
        AllocType::Dhcp => 4,
        AllocType::Discovered => 5,
    }
}

const fn is_unique_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(_) => false,
        IpAddr::V6(v6) => v6.is_unique_local(),
    }
}
