//! Why an address is, or is not, given.

use crate::id::{IpRangeId, SubnetId, VlanId};
use crate::lease::binding::{Binding, Client, Tenure};
use crate::lease::commit::{Claim, Commit};
use crate::lease::quarantine::Quarantine;
use crate::lease::refusal::Refusal;
use crate::lease::server::Server;
use crate::model::ip_range::{IpRange, IpRangeType};
use crate::model::lease::Lease;
use crate::model::quarantine::QUARANTINE;
use crate::model::reserved_ip::ReservedIp;
use crate::model::static_ip_address::{AllocType, StaticIpAddress};
use crate::model::subnet::Subnet;
use crate::model::vlan::Vlan;
use crate::query::around::{Around, service_of};
use crate::query::dhcp_service::dhcp_service_of;
use crate::query::lease_block::block_around;
use crate::query::lease_why::fact::Fact;
use crate::query::network::{dynamic_range_around, range_around};
use crate::query::rack_life::present_server;
use crate::query::terms::terms_of;
use crate::state::State;
use crate::time::ClusterTime;
use std::net::IpAddr;

/// What is found of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressAnswer {
    /// The address.
    pub address: IpAddr,
    /// Everything that bears on it.
    pub facts: Vec<Fact>,
    /// What the region answers a rack that asks for it on behalf of somebody new: the rack that would get it, or why none.
    pub to_anybody: Result<Server, Refusal>,
}

/// What is found of an address.
#[must_use]
pub fn address_answer(state: &State, address: IpAddr) -> AddressAnswer {
    let around = Around::of(state, address);
    let mut facts = Vec::new();
    match around.subnet {
        None => facts.push(Fact::NoSubnet),
        Some(subnet) => facts.extend(place(state, subnet, address)),
    }
    facts.extend(keepers(state, address));
    facts.extend(rights(state, &around, address));
    // Nobody: no client has an identifier without a byte.
    let somebody_new = Client::Identifier(Vec::new());
    AddressAnswer { address, facts, to_anybody: judged(state, address, &somebody_new) }
}

/// What the region answers the racks that serve an address and ask for it on behalf of a client: the first of them that is
/// told yes, or what the first is told. It is decided as it is when they ask.
///
/// # Errors
/// Why not.
pub fn judged(state: &State, address: IpAddr, client: &Client) -> Result<Server, Refusal> {
    let (around, terms) = (Around::of(state, address), terms_of(state));
    let service = around.subnet.and_then(|subnet| service_of(state, subnet));
    let service = service.ok_or(Refusal::NotServing)?;
    let mut first_refusal = None;
    for server in service.servers.iter().filter_map(|rack| present_server(state, *rack)) {
        let (number, life, attested, claim) = (u64::MAX, terms.life, false, Claim::Offered);
        let (client, tenure) = (client.clone(), Tenure::Leased);
        let wish = Commit { server, number, client, life, tenure, attested, claim };
        match around.judge(state, &wish, service.epoch) {
            Ok(_) => return Ok(server),
            Err(refusal) => first_refusal = first_refusal.or(Some(refusal)),
        }
    }
    Err(first_refusal.unwrap_or(Refusal::NotServing))
}

/// Who serves DHCP on a VLAN.
pub fn service(state: &State, vlan: VlanId) -> impl Iterator<Item = Fact> {
    let racks = dhcp_service_of(state, vlan).map(|service| service.servers.clone());
    let racks = racks.unwrap_or_default();
    let unseen = racks.iter().filter(|rack| present_server(state, **rack).is_none());
    let unseen: Vec<Fact> = unseen.map(|rack| Fact::NeverSeen { rack: *rack }).collect();
    let served =
        if racks.is_empty() { Fact::NotServed { vlan } } else { Fact::ServedBy { vlan, racks } };
    let foreign = state.get::<Vlan>(&vlan).and_then(|row| row.value.external_dhcp);
    let foreign = foreign.map(|server| Fact::ForeignServer { vlan, server });
    std::iter::once(served).chain(unseen).chain(foreign)
}

/// Where it lies, who serves that, and what is set aside there.
fn place(state: &State, subnet: SubnetId, address: IpAddr) -> Vec<Fact> {
    let Some(row) = state.get::<Subnet>(&subnet) else { return Vec::new() };
    let vlan = row.value.vlan;
    let mut facts = vec![Fact::OnSubnet { subnet, vlan }];
    facts.extend(service(state, vlan));
    let reserved = range_around(state, subnet, IpRangeType::Reserved, address);
    let dynamic = dynamic_range_around(state, address).and_then(|row| id_of(state, &row.value));
    let reserved = reserved.and_then(|row| id_of(state, &row.value));
    facts.push(match (dynamic, reserved) {
        (Some(range), _) => Fact::InDynamicRange { range },
        (None, Some(range)) => Fact::InReservedRange { range },
        (None, None) => Fact::InNoRange,
    });
    facts
}

fn id_of(state: &State, range: &IpRange) -> Option<IpRangeId> {
    let place = (range.subnet, range.range_type, range.start_ip);
    state.indexes().ranges_by_start.first_under(&place).copied()
}

/// For whom it is kept.
fn keepers(state: &State, address: IpAddr) -> Vec<Fact> {
    let indexes = state.indexes();
    let reserved = indexes.reserved_ips_by_ip.under(&address);
    let reserved = reserved.filter_map(|id| state.get::<ReservedIp>(id));
    let reserved = reserved.map(|row| Fact::ReservedFor { mac_address: row.value.mac_address });
    let recorded = indexes.addresses_by_ip.under(&address);
    let recorded = recorded.filter_map(|id| Some((*id, &state.get::<StaticIpAddress>(id)?.value)));
    let recorded = recorded.filter(|(_, given)| given.alloc_type != AllocType::Discovered);
    let recorded = recorded.map(|(address, given)| {
        let interfaces = given.interfaces.iter().copied().collect();
        Fact::RecordedFor { address, interfaces }
    });
    reserved.chain(recorded).collect()
}

/// Who has it or had it, who may act on it alone, and until when.
fn rights(state: &State, around: &Around, address: IpAddr) -> Vec<Fact> {
    let now = state.meta().now;
    let mut facts = Vec::new();
    let quarantine = state.get::<Quarantine>(&QUARANTINE).and_then(|row| row.value.until(now));
    facts.extend(quarantine.map(|until| Fact::Quarantined { until }));
    if let Some((_, block)) = block_around(state, address).filter(|(_, b)| now < b.rests_until) {
        let (rack, until) = (block.block.server.rack, block.block.until);
        facts.push(Fact::InBlock { rack, until, rests_until: block.rests_until });
    }
    if let Some(lease) = around.lease() {
        facts.push(last_of(lease, now));
        facts.extend(waited_for(&lease.binding, now));
        let until = lease.rests_until.max(lease.binding.free_from(&terms_of(state)));
        facts.extend((now < until).then_some(Fact::RestsUntil { until }));
    }
    facts
}

fn last_of(lease: &Lease, now: ClusterTime) -> Fact {
    let Lease { binding, rack, start, .. } = lease;
    match &binding.owner {
        Some(client) if binding.is_live(now) => {
            let (client, rack, until) = (client.clone(), *rack, binding.expires);
            Fact::HeldBy { client, rack, since: *start, until }
        }
        client => {
            Fact::LastHeldBy { client: client.clone(), held: binding.held, until: binding.expires }
        }
    }
}

fn waited_for(binding: &Binding, now: ClusterTime) -> Vec<Fact> {
    let racks = binding.autonomy.iter().filter_map(|autonomy| {
        let until = autonomy.until.filter(|until| now < *until)?;
        Some(Fact::RenewableBy { rack: autonomy.server.rack, until })
    });
    let until = binding.foreign_until;
    let foreign = (now < until).then_some(Fact::PromisedElsewhere { until });
    racks.chain(foreign).collect()
}
