//! IP addresses in use: each given once, inside its subnet, outside dynamic ranges, and to no one but whom it is kept for.

use crate::apply::dns_resource::unlink;
use crate::apply::draft::Draft;
use crate::apply::fixed_address::check_not_dynamic;
use crate::apply::noun::Noun;
use crate::apply::text::check_text;
use crate::id::{InterfaceId, IpRangeId, StaticIpAddressId, SubnetId};
use crate::model::bmc::Bmc;
use crate::model::interface::{INTERFACE_LINKS_MAX, Interface};
use crate::model::ip_range::{IpRange, IpRangeType};
use crate::model::lease::Lease;
use crate::model::lease_block::LeaseBlock;
use crate::model::node::Node;
use crate::model::reserved_ip::ReservedIp;
use crate::model::static_ip_address::{AllocType, StaticIpAddress};
use crate::model::subnet::Subnet;
use crate::model::user::User;
use crate::net::mac::MacAddr;
use crate::object::ObjectRef;
use crate::query::lease_block::block_around;
use crate::query::network::{range_around, subnet_of};
use crate::query::owned::addresses_of;
use crate::rejection::Rejection;
use crate::state::tables::Stored;
use std::net::IpAddr;

/// Interfaces that may share an address.
const INTERFACES_MAX: usize = 64;

impl Noun for StaticIpAddress {
    fn addresses(&mut self) -> Vec<&mut IpAddr> {
        self.ip.iter_mut().collect()
    }

    fn checked(
        draft: &Draft,
        id: Option<StaticIpAddressId>,
        address: Self,
    ) -> Result<Self, Rejection> {
        checked_within(draft, id, address, None)
    }

    fn before_delete(draft: &mut Draft, id: StaticIpAddressId) -> Result<(), Rejection> {
        let object = Self::object(&id);
        for node in draft.referring::<Node>(&object)? {
            draft.modify::<Node>(&node, |node| {
                node.gateway_link_ipv4 = node.gateway_link_ipv4.filter(|link| *link != id);
                node.gateway_link_ipv6 = node.gateway_link_ipv6.filter(|link| *link != id);
            })?;
        }
        unlink(draft, id)?;
        for bmc in draft.referring::<Bmc>(&object)? {
            draft.modify::<Bmc>(&bmc, |bmc| bmc.ip_address = None)?;
        }
        Ok(())
    }
}

/// Stores a new address that was asked for from a certain reserved range, which is therefore open to it.
pub(in crate::apply) fn create_within(
    draft: &mut Draft,
    address: StaticIpAddress,
    range: Option<IpRangeId>,
) -> Result<StaticIpAddressId, Rejection> {
    let address = checked_within(draft, None, address, range)?;
    draft.create(address)
}

fn checked_within(
    draft: &Draft,
    id: Option<StaticIpAddressId>,
    mut address: StaticIpAddress,
    range: Option<IpRangeId>,
) -> Result<StaticIpAddress, Rejection> {
    address.subnet = draft.existing_if_any::<Subnet>("subnet", address.subnet)?;
    address.user = draft.existing_if_any::<User>("user", address.user)?;
    let interfaces = address.interfaces.iter();
    address.interfaces = interfaces
        .map(|id| draft.existing::<Interface>("interfaces", *id))
        .collect::<Result<_, _>>()?;
    if address.interfaces.len() > INTERFACES_MAX {
        return Err(Rejection::invalid("interfaces", format!("more than {INTERFACES_MAX}")));
    }
    check_text("comment", &address.comment)?;
    check_presence(&address)?;
    let before = id.and_then(|id| draft.state().get::<StaticIpAddress>(&id)).map(|row| &row.value);
    for interface in &address.interfaces {
        if before.is_none_or(|before| !before.interfaces.contains(interface)) {
            check_room(draft, *interface)?;
        }
    }
    let moved = before.is_none_or(|before| {
        (before.ip, before.subnet, before.alloc_type, &before.interfaces)
            != (address.ip, address.subnet, address.alloc_type, &address.interfaces)
    });
    if let (Some(ip), true) = (address.ip, moved) {
        address.subnet =
            address.subnet.or_else(|| subnet_of(draft.state(), ip).map(|found| found.0));
        check_unique(draft, id, ip, address.alloc_type)?;
        check_place(draft, ip, &address, range)?;
        check_kept(draft, ip, &address)?;
    }
    Ok(address)
}

/// Refuses one more link of an interface that has as many as one may have.
fn check_room(draft: &Draft, interface: InterfaceId) -> Result<(), Rejection> {
    if addresses_of(draft.state(), interface).count() < INTERFACE_LINKS_MAX {
        return Ok(());
    }
    let what = format!("number of links of {}", Interface::object(&interface));
    Err(Rejection::Limit { what, max: INTERFACE_LINKS_MAX as u64 })
}

/// Which types have an address at once.
fn check_presence(address: &StaticIpAddress) -> Result<(), Rejection> {
    match (address.alloc_type, address.ip) {
        (AllocType::UserReserved, None) => {
            Err(Rejection::invalid("ip", "an address reserved by a user is a certain one"))
        }
        (AllocType::Dhcp, Some(_)) => Err(Rejection::invalid(
            "ip",
            "a wish for DHCP has no address; what DHCP gives is discovered",
        )),
        (
            AllocType::Auto
            | AllocType::Sticky
            | AllocType::UserReserved
            | AllocType::Dhcp
            | AllocType::Discovered,
            _,
        ) => Ok(()),
    }
}

/// An address is discovered once, and given once otherwise.
fn check_unique(
    draft: &Draft,
    id: Option<StaticIpAddressId>,
    ip: IpAddr,
    alloc_type: AllocType,
) -> Result<(), Rejection> {
    let discovered = alloc_type == AllocType::Discovered;
    for other in draft.state().indexes().addresses_by_ip.under(&ip) {
        let held = draft.row::<StaticIpAddress>(other)?.value.alloc_type;
        if Some(*other) != id && (held == AllocType::Discovered) == discovered {
            return Err(taken(ip, StaticIpAddress::object(other)));
        }
    }
    Ok(())
}

fn check_place(
    draft: &Draft,
    ip: IpAddr,
    address: &StaticIpAddress,
    range: Option<IpRangeId>,
) -> Result<(), Rejection> {
    let discovered = address.alloc_type == AllocType::Discovered;
    let Some(id) = address.subnet else {
        let reason = format!("{ip} is in no subnet");
        return if discovered { Ok(()) } else { Err(Rejection::invalid("subnet", reason)) };
    };
    let cidr = draft.row::<Subnet>(&id)?.value.cidr;
    if !cidr.contains(ip) {
        return Err(Rejection::invalid("ip", format!("{ip} is not within {cidr}")));
    }
    if discovered {
        return Ok(());
    }
    if cidr.broadcast().is_some() && (ip == cidr.network() || Some(ip) == cidr.broadcast()) {
        return Err(Rejection::invalid("ip", "is the network or broadcast address"));
    }
    check_not_dynamic(draft, "ip", ip)?;
    let open =
        |range: IpRangeId| draft.row::<IpRange>(&range).is_ok_and(|row| row.value.contains(ip));
    if address.alloc_type == AllocType::UserReserved && !range.is_some_and(open) {
        check_not_reserved(draft, id, ip)?;
    }
    Ok(())
}

/// The reserved ranges of a managed subnet are not for users, though an interface may be set there by hand.
fn check_not_reserved(draft: &Draft, subnet: SubnetId, ip: IpAddr) -> Result<(), Rejection> {
    match range_around(draft.state(), subnet, IpRangeType::Reserved, ip) {
        Some(row) if draft.row::<Subnet>(&subnet)?.value.managed => {
            let IpRange { start_ip, end_ip, .. } = row.value;
            let reason = format!("{ip} is in the reserved range {start_ip}-{end_ip}");
            Err(Rejection::invalid("ip", reason))
        }
        Some(_) | None => Ok(()),
    }
}

/// A reserved or leased address is only for the MAC address it is kept for.
fn check_kept(draft: &Draft, ip: IpAddr, address: &StaticIpAddress) -> Result<(), Rejection> {
    if address.alloc_type == AllocType::Discovered {
        return Ok(());
    }
    for reserved in draft.state().indexes().reserved_ips_by_ip.under(&ip) {
        let mac = draft.row::<ReservedIp>(reserved)?.value.mac_address;
        if !has_mac(draft, address, mac) {
            return Err(taken(ip, ReservedIp::object(reserved)));
        }
    }
    if let Some((first, _)) = block_around(draft.state(), ip) {
        return Err(taken(ip, LeaseBlock::object(&first)));
    }
    match draft.state().get::<Lease>(&ip) {
        Some(row)
            if row.value.holds_address()
                && !row.value.mac_address().is_some_and(|mac| has_mac(draft, address, mac)) =>
        {
            Err(taken(ip, Lease::object(&ip)))
        }
        Some(_) | None => Ok(()),
    }
}

fn has_mac(draft: &Draft, address: &StaticIpAddress, mac: MacAddr) -> bool {
    let rows = address.interfaces.iter().filter_map(|id| draft.state().get::<Interface>(id));
    rows.into_iter().any(|row| row.value.mac_address == Some(mac))
}

fn taken(ip: IpAddr, holder: ObjectRef) -> Rejection {
    Rejection::NotUnique { field: "ip".into(), value: ip.to_string(), holder }
}
