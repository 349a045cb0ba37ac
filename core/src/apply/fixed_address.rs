//! Addresses that have their holder for good, and the dynamic ranges DHCP gives from: neither lies in the other,
//! whichever of the two comes first.
//!
//! Fixed are gateways, name servers within their own subnet, the gateways of routes, reserved addresses and given ones.
//! Those that were only discovered are not. Whose subnet the address or the range is of does not count: imported subnets
//! may lie within each other.

use crate::apply::draft::Draft;
use crate::id::SubnetId;
use crate::model::ip_range::IpRange;
use crate::model::reserved_ip::ReservedIp;
use crate::model::static_ip_address::{AllocType, StaticIpAddress};
use crate::model::static_route::StaticRoute;
use crate::model::subnet::Subnet;
use crate::object::ObjectRef;
use crate::query::network::{dynamic_range_around, subnets_meeting};
use crate::rejection::Rejection;
use crate::state::tables::Stored;
use std::net::IpAddr;

/// Refuses a fixed address in a dynamic range.
pub(in crate::apply) fn check_not_dynamic(
    draft: &Draft,
    field: &str,
    address: IpAddr,
) -> Result<(), Rejection> {
    match dynamic_range_around(draft.state(), address) {
        None => Ok(()),
        Some(row) => {
            let IpRange { start_ip, end_ip, .. } = row.value;
            let reason = format!("{address} is in the dynamic range {start_ip}-{end_ip}");
            Err(Rejection::invalid(field, reason))
        }
    }
}

/// Refuses a dynamic range, from its first address to its last, with a fixed address in it.
pub(in crate::apply) fn check_nothing_fixed(
    draft: &Draft,
    (start, end): (IpAddr, IpAddr),
) -> Result<(), Rejection> {
    match fixed_within(draft, start, end)? {
        None => Ok(()),
        Some(holder) => {
            let (field, value) = ("start_ip".into(), format!("{start}-{end}"));
            Err(Rejection::NotUnique { field, value, holder })
        }
    }
}

/// Who has a fixed address from `start` to `end`.
fn fixed_within(draft: &Draft, start: IpAddr, end: IpAddr) -> Result<Option<ObjectRef>, Rejection> {
    let state = draft.state();
    let inside = |address: &IpAddr| start <= *address && *address <= end;
    for subnet in subnets_meeting(state, start, end) {
        if let Some(holder) = fixed_by_subnet(draft, subnet, inside)? {
            return Ok(Some(holder));
        }
    }
    let reserved = state.indexes().reserved_ips_by_ip.from(&start).next();
    if let Some((_, id)) = reserved.filter(|(address, _)| inside(address)) {
        return Ok(Some(ReservedIp::object(id)));
    }
    let addresses = state.indexes().addresses_by_ip.from(&start);
    for (_, id) in addresses.take_while(|(address, _)| *address <= end) {
        if draft.row::<StaticIpAddress>(id)?.value.alloc_type != AllocType::Discovered {
            return Ok(Some(StaticIpAddress::object(id)));
        }
    }
    Ok(None)
}

/// Who of a subnet itself and its routes has an address.
fn fixed_by_subnet(
    draft: &Draft,
    subnet: SubnetId,
    inside: impl Fn(&IpAddr) -> bool,
) -> Result<Option<ObjectRef>, Rejection> {
    let (object, value) = (Subnet::object(&subnet), &draft.row::<Subnet>(&subnet)?.value);
    let mut own = value.gateway_ip.iter().chain(&value.dns_servers);
    if own.any(|address| value.cidr.contains(*address) && inside(address)) {
        return Ok(Some(object));
    }
    for route in draft.state().referrers::<StaticRoute>(&object) {
        let value = &draft.row::<StaticRoute>(&route)?.value;
        if value.source == subnet && inside(&value.gateway_ip) {
            return Ok(Some(StaticRoute::object(&route)));
        }
    }
    Ok(None)
}
