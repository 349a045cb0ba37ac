//! How full a subnet is, by MAAS's way of counting.

use crate::id::SubnetId;
use crate::model::ip_range::IpRangeType;
use crate::model::static_ip_address::StaticIpAddress;
use crate::model::static_route::StaticRoute;
use crate::model::subnet::Subnet;
use crate::net::cidr::Cidr;
use crate::net::ip_number::{IpFamily, IpNumber};
use crate::object::{Kind, ObjectRef};
use crate::query::network::ranges;
use crate::state::State;
use crate::state::used_addresses::next;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Addresses of a subnet, counted. Network and broadcast address of IPv4 do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetUsage {
    /// All of them.
    pub total_addresses: u128,
    /// Those in use or set aside.
    pub num_unavailable: u128,
    /// The others.
    pub num_available: u128,
    /// The longest run of the others.
    pub largest_available: u128,
}

/// The usage of a subnet, as MAAS tells it: its ranges, gateway and name servers, the gateways of its routes, and the
/// addresses recorded as on it. Reservations do not count, nor do addresses recorded as on another subnet.
///
/// Looks at every address of the subnet: for readers, not for apply.
#[must_use]
pub fn usage(state: &State, id: SubnetId) -> Option<SubnetUsage> {
    let subnet = &state.get::<Subnet>(&id)?.value;
    let (first, last) = counted(subnet.cidr);
    let inside = |address: &IpAddr| first <= *address && *address <= last;
    let mut taken: Vec<(IpAddr, IpAddr)> =
        points(state, id, subnet).filter(inside).map(|address| (address, address)).collect();
    for range_type in [IpRangeType::Dynamic, IpRangeType::Reserved] {
        let ranges = ranges(state, id, range_type);
        taken.extend(ranges.map(|row| (row.value.start_ip, row.value.end_ip)));
    }
    if subnet.cidr.family() == IpFamily::V6 && subnet.cidr.prefix() == 64 {
        let end = IpNumber::of(first).checked_add(u128::from(u32::MAX));
        taken.extend(end.map(|end| (first, end.address())));
    }
    taken.sort_unstable();
    Some(count(first, last, &taken))
}

/// The single addresses that count as used.
fn points<'a>(
    state: &'a State,
    id: SubnetId,
    subnet: &'a Subnet,
) -> impl Iterator<Item = IpAddr> + 'a {
    let object = ObjectRef::numbered(Kind::Subnet, id);
    let routes = state.referrers::<StaticRoute>(&object);
    let routes = routes.filter_map(|route| state.get::<StaticRoute>(&route));
    let routes = routes.filter(move |row| row.value.source == id).map(|row| row.value.gateway_ip);
    let addresses = state.referrers::<StaticIpAddress>(&object);
    let addresses = addresses.filter_map(|id| state.get::<StaticIpAddress>(&id)?.value.ip);
    let own = subnet.gateway_ip.iter().chain(&subnet.dns_servers).copied();
    own.chain(routes).chain(addresses)
}

fn counted(cidr: Cidr) -> (IpAddr, IpAddr) {
    let range = match cidr.family() {
        IpFamily::V4 => cidr.hosts(),
        IpFamily::V6 => cidr.range(),
    };
    (range.start(), range.end())
}

/// Counts what sorted, perhaps overlapping, runs leave free between `first` and `last`.
fn count(first: IpAddr, last: IpAddr, taken: &[(IpAddr, IpAddr)]) -> SubnetUsage {
    let mut free_from = Some(first);
    let (mut num_available, mut largest_available) = (0_u128, 0_u128);
    let mut gap = |from: IpAddr, until: u128| {
        let length = until.saturating_sub(IpNumber::of(from).value());
        num_available = num_available.saturating_add(length);
        largest_available = largest_available.max(length);
    };
    for (start, end) in taken {
        let Some(from) = free_from else { break };
        gap(from, IpNumber::of((*start).min(last)).value());
        if *end >= from {
            free_from = next(*end).filter(|after| *after <= last);
        }
    }
    if let Some(from) = free_from {
        gap(from, IpNumber::of(last).value().saturating_add(1));
    }
    let size = IpNumber::of(last).value() - IpNumber::of(first).value();
    let total_addresses = size.saturating_add(1);
    let num_unavailable = total_addresses - num_available;
    SubnetUsage { total_addresses, num_unavailable, num_available, largest_available }
}
