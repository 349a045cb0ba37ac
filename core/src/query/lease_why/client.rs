//! What a client gets on a VLAN, and why not what it had or what is kept for it.

use crate::id::{SubnetId, VlanId};
use crate::lease::binding::Client;
use crate::lease::refusal::Refusal;
use crate::lease::server::Server;
use crate::model::interface::Interface;
use crate::model::ip_range::IpRangeType;
use crate::model::reserved_ip::ReservedIp;
use crate::model::static_ip_address::{AllocType, StaticIpAddress};
use crate::model::subnet::Subnet;
use crate::model::vlan::Vlan;
use crate::net::mac::MacAddr;
use crate::query::around::subnet_around;
use crate::query::lease_why::address::{judged, service};
use crate::query::lease_why::fact::Fact;
use crate::query::network::ranges;
use crate::query::owned::addresses_of;
use crate::query::unused_address::unused;
use crate::state::State;
use crate::state::tables::Stored as _;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// VLANs looked at for one client.
const VLANS_MAX: usize = 16;
/// Addresses that are kept for a client, or that it had, looked at for one VLAN.
const CLAIMS_MAX: usize = 64;
/// Unused addresses looked at for one that is free.
const LOOKED_AT_MAX: usize = 256;

/// Why an address is thought of for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// It is kept for it.
    Kept,
    /// It has it, or had it last.
    Had,
    /// Nobody has it.
    New,
}

/// What is found of a client on a VLAN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAnswer {
    /// The client's hardware address.
    pub mac_address: MacAddr,
    /// The VLAN.
    pub vlan: VlanId,
    /// Who serves the VLAN.
    pub facts: Vec<Fact>,
    /// The address it gets if it asks now, why that one, and from whom, if any.
    pub gets: Option<(IpAddr, Claim, Server)>,
    /// Addresses that are kept for it or that it had, and why it does not get them.
    pub misses: Vec<(IpAddr, Claim, Refusal)>,
    /// Whether the VLAN has dynamic ranges at all.
    pub has_pool: bool,
}

/// What is found of a client on each VLAN it is known on.
#[must_use]
pub fn client_answers(state: &State, mac_address: MacAddr) -> Vec<ClientAnswer> {
    let vlans = vlans_of(state, mac_address).into_iter().take(VLANS_MAX);
    vlans.map(|vlan| client_answer(state, mac_address, vlan)).collect()
}

fn client_answer(state: &State, mac_address: MacAddr, vlan: VlanId) -> ClientAnswer {
    let client = Client::Card(mac_address);
    let (mut gets, mut misses) = (None, Vec::new());
    for (address, claim) in claims(state, mac_address, vlan).into_iter().take(CLAIMS_MAX) {
        match judged(state, address, &client) {
            Ok(server) => gets = gets.or(Some((address, claim, server))),
            Err(refusal) => misses.push((address, claim, refusal)),
        }
    }
    let subnets: Vec<SubnetId> = state.referrers::<Subnet>(&Vlan::object(&vlan)).collect();
    let dynamic = subnets.iter().flat_map(|subnet| ranges(state, *subnet, IpRangeType::Dynamic));
    let mut dynamic = dynamic.peekable();
    let has_pool = dynamic.peek().is_some();
    let mut free = dynamic.flat_map(|range| unused(state, &range.value)).take(LOOKED_AT_MAX);
    let new = || {
        free.find_map(|address| Some((address, Claim::New, judged(state, address, &client).ok()?)))
    };
    let (facts, gets) = (service(state, vlan).collect(), gets.or_else(new));
    ClientAnswer { mac_address, vlan, facts, gets, misses, has_pool }
}

/// The VLANs a client is known on: its card is plugged in there, something is kept for it there, it had an address there.
fn vlans_of(state: &State, mac_address: MacAddr) -> BTreeSet<VlanId> {
    let indexes = state.indexes();
    let cards = indexes.interfaces_by_mac.under(&mac_address);
    let plugged = cards.filter_map(|id| state.get::<Interface>(id)?.value.vlan);
    let kept = kept_for(state, mac_address).into_iter();
    let had = indexes.leases_by_mac.under(&mac_address).copied();
    let held = kept.chain(had).filter_map(|address| vlan_of(state, address));
    plugged.chain(held).collect()
}

/// What a client has a claim to on a VLAN, in the order in which racks think of it.
fn claims(state: &State, mac_address: MacAddr, vlan: VlanId) -> Vec<(IpAddr, Claim)> {
    let kept = kept_for(state, mac_address);
    let had = state.indexes().leases_by_mac.under(&mac_address).copied();
    let had: Vec<IpAddr> = had.filter(|address| !kept.contains(address)).collect();
    let kept = kept.into_iter().map(|address| (address, Claim::Kept));
    let claims = kept.chain(had.into_iter().map(|address| (address, Claim::Had)));
    claims.filter(|(address, _)| vlan_of(state, *address) == Some(vlan)).collect()
}

fn vlan_of(state: &State, address: IpAddr) -> Option<VlanId> {
    subnet_around(state, address)
        .and_then(|subnet| state.get::<Subnet>(&subnet))
        .map(|row| row.value.vlan)
}

/// The addresses that are kept for a card.
fn kept_for(state: &State, mac_address: MacAddr) -> Vec<IpAddr> {
    let indexes = state.indexes();
    let reserved = indexes.reserved_ips_by_mac.from(&(mac_address, SubnetId(0)));
    let reserved = reserved.take_while(|((mac, _), _)| *mac == mac_address);
    let reserved = reserved.filter_map(|(_, id)| Some(state.get::<ReservedIp>(id)?.value.ip));
    let cards = indexes.interfaces_by_mac.under(&mac_address);
    let recorded = cards.flat_map(|card| addresses_of(state, *card)).filter_map(|id| {
        let given = &state.get::<StaticIpAddress>(&id)?.value;
        given.ip.filter(|_| given.alloc_type != AllocType::Discovered)
    });
    let mut kept: Vec<IpAddr> = Vec::new();
    for address in reserved.chain(recorded).take(CLAIMS_MAX) {
        if !kept.contains(&address) {
            kept.push(address);
        }
    }
    kept
}
