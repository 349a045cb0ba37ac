//! Subnets: prefixes do not overlap, gateways are reachable, and a subnet goes only when no node needs it.

use crate::apply::boot::check_boot;
use crate::apply::draft::{CASCADE_MAX, Draft};
use crate::apply::fixed_address::check_not_dynamic;
use crate::apply::noun::{Noun, delete};
use crate::apply::text::{NameRule, check_name, check_text};
use crate::id::SubnetId;
use crate::model::dhcp_snippet::DhcpSnippet;
use crate::model::ip_range::{IpRange, IpRangeType};
use crate::model::reserved_ip::ReservedIp;
use crate::model::static_ip_address::{AllocType, StaticIpAddress};
use crate::model::static_route::StaticRoute;
use crate::model::subnet::Subnet;
use crate::model::vlan::Vlan;
use crate::net::cidr::Cidr;
use crate::object::ObjectRef;
use crate::query::name::called;
use crate::query::network::{overlapping, ranges, subnet_of};
use crate::rejection::Rejection;
use crate::state::tables::Stored;
use std::net::IpAddr;

/// Name servers a subnet may list.
const DNS_SERVERS_MAX: usize = 32;
/// Boot methods a subnet may exclude.
const DISABLED_ARCHITECTURES_MAX: usize = 64;

impl Noun for Subnet {
    fn addresses(&mut self) -> Vec<&mut IpAddr> {
        self.gateway_ip.iter_mut().chain(&mut self.dns_servers).collect()
    }

    fn checked(draft: &Draft, id: Option<SubnetId>, mut subnet: Self) -> Result<Self, Rejection> {
        subnet.vlan = draft.existing::<Vlan>("vlan", subnet.vlan)?;
        let before = id.and_then(|id| draft.state().get::<Self>(&id)).map(|row| &row.value);
        let named_after_cidr = before.is_some_and(|before| {
            before.name == before.cidr.to_string() && before.name == subnet.name
        });
        if subnet.name.is_empty() || named_after_cidr {
            subnet.name = subnet.cidr.to_string();
        }
        check_plain(&subnet)?;
        check_gateway(subnet.cidr, subnet.gateway_ip)?;
        if before.is_none_or(|before| before.cidr != subnet.cidr) {
            check_cidr(draft, id, subnet.cidr)?;
        }
        if let (Some(id), Some(before)) = (id, before) {
            check_fixed(draft, before, &subnet)?;
            if subnet.managed && !before.managed {
                check_ranges_apart(draft, id)?;
            }
        }
        Ok(subnet)
    }

    fn created(draft: &mut Draft, id: SubnetId) -> Result<(), Rejection> {
        adopt(draft, id)
    }

    fn updated(draft: &mut Draft, id: SubnetId, before: &Self) -> Result<(), Rejection> {
        if draft.row::<Self>(&id)?.value.cidr == before.cidr {
            return Ok(());
        }
        for address in draft.referring::<StaticIpAddress>(&Self::object(&id))? {
            let ip = draft.row::<StaticIpAddress>(&address)?.value.ip;
            let Some(ip) = ip else { continue };
            let subnet = subnet_of(draft.state(), ip).map(|(subnet, _)| subnet);
            draft.modify::<StaticIpAddress>(&address, |row| row.subnet = subnet)?;
        }
        adopt(draft, id)
    }

    fn before_delete(draft: &mut Draft, id: SubnetId) -> Result<(), Rejection> {
        let object = Self::object(&id);
        check_unneeded(draft, id, &object)?;
        for snippet in draft.referring::<DhcpSnippet>(&object)? {
            draft.delete::<DhcpSnippet>(&snippet)?;
        }
        for range in draft.referring::<IpRange>(&object)? {
            delete::<IpRange>(draft, range)?;
        }
        for route in draft.referring::<StaticRoute>(&object)? {
            draft.delete::<StaticRoute>(&route)?;
        }
        for reserved in draft.referring::<ReservedIp>(&object)? {
            draft.delete::<ReservedIp>(&reserved)?;
        }
        for address in draft.referring::<StaticIpAddress>(&object)? {
            delete::<StaticIpAddress>(draft, address)?;
        }
        Ok(())
    }
}

fn check_plain(subnet: &Subnet) -> Result<(), Rejection> {
    check_name("name", &subnet.name, NameRule::Subnet)?;
    check_text("description", &subnet.description)?;
    if subnet.dns_servers.len() > DNS_SERVERS_MAX {
        return Err(Rejection::invalid("dns_servers", format!("more than {DNS_SERVERS_MAX}")));
    }
    let disabled = &subnet.disabled_boot_architectures;
    if disabled.len() > DISABLED_ARCHITECTURES_MAX {
        let reason = format!("more than {DISABLED_ARCHITECTURES_MAX}");
        return Err(Rejection::invalid("disabled_boot_architectures", reason));
    }
    disabled
        .iter()
        .try_for_each(|name| check_name("disabled_boot_architectures", name, NameRule::Word))?;
    check_boot(subnet.boot.as_ref())
}

/// Records the addresses that lie in a subnet as on it.
fn adopt(draft: &mut Draft, id: SubnetId) -> Result<(), Rejection> {
    let cidr = draft.row::<Subnet>(&id)?.value.cidr;
    let listed = draft.state().indexes().addresses_by_ip.from(&cidr.network());
    let inside = listed.take_while(|(ip, _)| cidr.contains(*ip)).map(|(_, address)| *address);
    let addresses: Vec<_> = inside.take(CASCADE_MAX + 1).collect();
    if addresses.len() > CASCADE_MAX {
        let what = format!("number of addresses moved to {}", Subnet::object(&id));
        return Err(Rejection::Limit { what, max: CASCADE_MAX as u64 });
    }
    let move_here =
        |address| draft.modify::<StaticIpAddress>(&address, |row| row.subnet = Some(id));
    addresses.into_iter().try_for_each(move_here)
}

/// A router is inside the prefix, or link-local as IPv6 routers announce themselves.
fn check_gateway(cidr: Cidr, gateway: Option<IpAddr>) -> Result<(), Rejection> {
    let link_local =
        |v6: std::net::Ipv6Addr| v6.segments().first().is_some_and(|s| s & 0xffc0 == 0xfe80);
    match gateway {
        Some(gateway) if cidr.contains(gateway) => Ok(()),
        Some(IpAddr::V6(v6)) if cidr.network().is_ipv6() && link_local(v6) => Ok(()),
        Some(gateway) => {
            Err(Rejection::invalid("gateway_ip", format!("{gateway} is not within {cidr}")))
        }
        None => Ok(()),
    }
}

/// A gateway or name server of its own that it gets is not in a range that DHCP gives from.
fn check_fixed(draft: &Draft, before: &Subnet, subnet: &Subnet) -> Result<(), Rejection> {
    let gateway = subnet.gateway_ip.filter(|gateway| before.gateway_ip != Some(*gateway));
    gateway.map_or(Ok(()), |gateway| check_not_dynamic(draft, "gateway_ip", gateway))?;
    let is_new = |server: &IpAddr| !before.dns_servers.contains(server);
    let is_own = |server: &IpAddr| subnet.cidr.contains(*server);
    let servers = subnet.dns_servers.iter().copied().filter(|it| is_new(it) && is_own(it));
    servers.into_iter().try_for_each(|server| check_not_dynamic(draft, "dns_servers", server))
}

/// The ranges of a managed subnet share no address; in an unmanaged one, dynamic ranges lie within reserved ones.
fn check_ranges_apart(draft: &Draft, id: SubnetId) -> Result<(), Rejection> {
    let (state, starts) = (draft.state(), &draft.state().indexes().ranges_by_start);
    for dynamic in ranges(state, id, IpRangeType::Dynamic).map(|row| &row.value) {
        // Ranges of a type are apart, so the last one that starts before its end decides.
        let last = starts.last_up_to(&(id, IpRangeType::Reserved, dynamic.end_ip));
        let Some(((of, IpRangeType::Reserved, _), other)) = last else { continue };
        if *of == id && draft.row::<IpRange>(other)?.value.end_ip >= dynamic.start_ip {
            let value = format!("{}-{}", dynamic.start_ip, dynamic.end_ip);
            let (field, holder) = ("managed".into(), IpRange::object(other));
            return Err(Rejection::NotUnique { field, value, holder });
        }
    }
    Ok(())
}

fn check_cidr(draft: &Draft, id: Option<SubnetId>, cidr: Cidr) -> Result<(), Rejection> {
    if cidr.prefix() == 0 {
        return Err(Rejection::invalid("cidr", "the whole address space is no subnet"));
    }
    if let Some(holder) = overlapping(draft.state(), cidr, id) {
        let holder = Subnet::object(&holder);
        return Err(Rejection::NotUnique { field: "cidr".into(), value: cidr.to_string(), holder });
    }
    let Some(id) = id else { return Ok(()) };
    match left_outside(draft, &Subnet::object(&id), cidr)? {
        None => Ok(()),
        Some(by) => {
            let by = called(draft.state(), &by);
            Err(Rejection::invalid("cidr", format!("would leave {by} outside")))
        }
    }
}

/// A range, reservation or route of a subnet that is not within a new prefix.
fn left_outside(
    draft: &Draft,
    subnet: &ObjectRef,
    cidr: Cidr,
) -> Result<Option<ObjectRef>, Rejection> {
    for range in draft.state().referrers::<IpRange>(subnet) {
        let value = &draft.row::<IpRange>(&range)?.value;
        if !cidr.contains(value.start_ip) || !cidr.contains(value.end_ip) {
            return Ok(Some(IpRange::object(&range)));
        }
    }
    for reserved in draft.state().referrers::<ReservedIp>(subnet) {
        if !cidr.contains(draft.row::<ReservedIp>(&reserved)?.value.ip) {
            return Ok(Some(ReservedIp::object(&reserved)));
        }
    }
    for route in draft.state().referrers::<StaticRoute>(subnet) {
        let value = &draft.row::<StaticRoute>(&route)?.value;
        if Subnet::object(&value.source) == *subnet && !cidr.contains(value.gateway_ip) {
            return Ok(Some(StaticRoute::object(&route)));
        }
    }
    Ok(None)
}

/// Refuses while DHCP is served from the subnet or a node has an address of it.
fn check_unneeded(draft: &Draft, id: SubnetId, object: &ObjectRef) -> Result<(), Rejection> {
    let vlan = draft.row::<Subnet>(&id)?.value.vlan;
    if draft.row::<Vlan>(&vlan)?.value.dhcp_on
        && ranges(draft.state(), id, IpRangeType::Dynamic).next().is_some()
    {
        let reason = "delete its dynamic ranges or switch DHCP off first".to_owned();
        let state = "serving DHCP".to_owned();
        return Err(Rejection::StateForbids { object: object.clone(), state, reason });
    }
    for address in draft.state().referrers::<StaticIpAddress>(object) {
        let value = &draft.row::<StaticIpAddress>(&address)?.value;
        let given = !matches!(value.alloc_type, AllocType::Discovered | AllocType::Dhcp);
        if given && value.ip.is_some() && !value.interfaces.is_empty() {
            let by = StaticIpAddress::object(&address);
            return Err(Rejection::InUse { object: object.clone(), by });
        }
    }
    Ok(())
}
