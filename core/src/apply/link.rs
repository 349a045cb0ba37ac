//! Links of interfaces to subnets, as MAAS makes them: each link is a static IP address, with or without an address.
//! Links are shown as a part of the interface, so it changes with them.

use crate::apply::allocate;
use crate::apply::draft::Draft;
use crate::apply::noun;
use crate::command::allocate_address::{AddressSource, AllocateAddress};
use crate::command::link::LinkCommand;
use crate::id::{InterfaceId, StaticIpAddressId, SubnetId, VlanId};
use crate::model::interface::Interface;
use crate::model::static_ip_address::{AllocType, LinkMode, StaticIpAddress};
use crate::model::subnet::Subnet;
use crate::net::ip_number::IpFamily;
use crate::outcome::Outcome;
use crate::query::owned::addresses_of;
use crate::rejection::Rejection;
use crate::state::tables::Stored;
use std::net::IpAddr;

pub(in crate::apply) fn run(
    draft: &mut Draft,
    command: &LinkCommand,
) -> Result<Outcome, Rejection> {
    match command {
        LinkCommand::Link { interface, mode, subnet, ip_address } => {
            let interface = draft.resolve::<Interface>(*interface)?;
            draft.row::<Interface>(&interface)?;
            let subnet = draft.existing_if_any::<Subnet>("subnet", *subnet)?;
            let ip = ip_address.map(|address| draft.resolve_address(address)).transpose()?;
            let outcome = link(draft, interface, *mode, subnet, ip)?;
            draft.touch::<Interface>(&interface)?;
            Ok(outcome)
        }
        LinkCommand::Unlink { interface, address } => {
            let interface = draft.resolve::<Interface>(*interface)?;
            let address = draft.resolve::<StaticIpAddress>(*address)?;
            let outcome = unlink(draft, interface, address)?;
            draft.touch::<Interface>(&interface)?;
            Ok(outcome)
        }
    }
}

fn link(
    draft: &mut Draft,
    interface: InterfaceId,
    mode: LinkMode,
    subnet: Option<SubnetId>,
    ip: Option<IpAddr>,
) -> Result<Outcome, Rejection> {
    check(draft, interface, mode, subnet, ip)?;
    plug_in(draft, interface, subnet)?;
    let superseded = superseded(draft, interface, subnet)?;
    let created = match (mode, ip, subnet) {
        (LinkMode::Static, None, Some(subnet)) => next_free(draft, interface, subnet)?,
        (LinkMode::Static | LinkMode::Auto | LinkMode::Dhcp | LinkMode::LinkUp, _, _) => {
            let mut address = StaticIpAddress::new(alloc_type(mode), subnet, ip);
            address.interfaces.insert(interface);
            noun::create(draft, address)?
        }
    };
    superseded.into_iter().try_for_each(|old| noun::delete::<StaticIpAddress>(draft, old))?;
    Ok(Outcome::Created(StaticIpAddress::object(&created)))
}

const fn alloc_type(mode: LinkMode) -> AllocType {
    match mode {
        LinkMode::Auto => AllocType::Auto,
        LinkMode::Dhcp => AllocType::Dhcp,
        LinkMode::Static | LinkMode::LinkUp => AllocType::Sticky,
    }
}

fn check(
    draft: &Draft,
    interface: InterfaceId,
    mode: LinkMode,
    subnet: Option<SubnetId>,
    ip: Option<IpAddr>,
) -> Result<(), Rejection> {
    if ip.is_some() && mode != LinkMode::Static {
        let reason = format!("links of mode {} have no address of the asker's choice", mode.name());
        return Err(Rejection::invalid("ip_address", reason));
    }
    let Some(subnet) = subnet else {
        return match mode {
            LinkMode::Dhcp | LinkMode::LinkUp => Ok(()),
            LinkMode::Auto | LinkMode::Static => {
                Err(Rejection::invalid("subnet", format!("mode {} wants one", mode.name())))
            }
        };
    };
    let vlan = draft.row::<Interface>(&interface)?.value.vlan;
    if vlan.is_some_and(|vlan| draft.row::<Subnet>(&subnet).is_ok_and(|row| row.value.vlan != vlan))
    {
        return Err(Rejection::invalid("subnet", "is not on the interface's VLAN"));
    }
    Ok(())
}

/// An interface plugged in nowhere is plugged into the VLAN of its first subnet.
fn plug_in(
    draft: &mut Draft,
    interface: InterfaceId,
    subnet: Option<SubnetId>,
) -> Result<(), Rejection> {
    let Some(subnet) = subnet else { return Ok(()) };
    let vlan = draft.row::<Subnet>(&subnet)?.value.vlan;
    draft.modify::<Interface>(&interface, |interface| {
        interface.vlan = interface.vlan.or(Some(vlan));
    })
}

/// The links a new one replaces: being up for its own sake, and DHCP in the same family.
fn superseded(
    draft: &Draft,
    interface: InterfaceId,
    subnet: Option<SubnetId>,
) -> Result<Vec<StaticIpAddressId>, Rejection> {
    let family = |subnet: Option<SubnetId>| -> Option<IpFamily> {
        let row = draft.state().get::<Subnet>(&subnet?)?;
        Some(row.value.cidr.family())
    };
    let new_family = family(subnet);
    let mut links = Vec::new();
    for id in addresses_of(draft.state(), interface) {
        let old = &draft.row::<StaticIpAddress>(&id)?.value;
        let same_family =
            old.subnet.is_none() || new_family.is_none() || family(old.subnet) == new_family;
        let replaced = match (old.alloc_type, old.link_mode()) {
            (AllocType::Discovered, _) => false,
            (_, LinkMode::LinkUp) => true,
            (_, LinkMode::Dhcp) => same_family,
            (_, LinkMode::Auto | LinkMode::Static) => false,
        };
        if replaced && old.interfaces.len() == 1 {
            links.push(id);
        }
    }
    Ok(links)
}

fn next_free(
    draft: &mut Draft,
    interface: InterfaceId,
    subnet: SubnetId,
) -> Result<StaticIpAddressId, Rejection> {
    let wish = AllocateAddress {
        from: AddressSource::Subnet(subnet),
        count: 1,
        preferred: None,
        alloc_type: AllocType::Sticky,
        user: None,
        comment: String::new(),
        interface: Some(interface),
        expires_after: None,
    };
    let taken = allocate::take(draft, &wish)?;
    let (id, _) = taken.first().expect("an allocation of one takes one");
    Ok(*id)
}

/// Ends a link. An enabled interface left without any stays up, as in MAAS.
fn unlink(
    draft: &mut Draft,
    interface: InterfaceId,
    address: StaticIpAddressId,
) -> Result<Outcome, Rejection> {
    let row = draft.row::<StaticIpAddress>(&address)?;
    if !row.value.interfaces.contains(&interface) {
        return Err(Rejection::invalid("address", format!("is no link of interface {interface}")));
    }
    let subnet = row.value.subnet;
    let was_up_only = row.value.link_mode() == LinkMode::LinkUp;
    detach(draft, interface, address)?;
    let enabled = draft.row::<Interface>(&interface)?.value.enabled;
    if enabled && !was_up_only && !has_links(draft, interface)? {
        let mut up = StaticIpAddress::new(AllocType::Sticky, subnet, None);
        up.interfaces.insert(interface);
        noun::create(draft, up)?;
    }
    Ok(Outcome::Deleted(StaticIpAddress::object(&address)))
}

/// Takes an address from an interface; one nobody else has is gone.
pub(in crate::apply) fn detach(
    draft: &mut Draft,
    interface: InterfaceId,
    address: StaticIpAddressId,
) -> Result<(), Rejection> {
    if draft.row::<StaticIpAddress>(&address)?.value.interfaces.len() > 1 {
        return draft.modify::<StaticIpAddress>(&address, |row| {
            row.interfaces.remove(&interface);
        });
    }
    noun::delete::<StaticIpAddress>(draft, address)
}

/// Ends the links to subnets that are not on the VLAN an interface is plugged into now. What was seen there stays.
pub(in crate::apply) fn leave(
    draft: &mut Draft,
    interface: InterfaceId,
    vlan: Option<VlanId>,
) -> Result<(), Rejection> {
    let links: Vec<_> = addresses_of(draft.state(), interface).collect();
    for link in links {
        let address = &draft.row::<StaticIpAddress>(&link)?.value;
        let subnet = address.subnet.and_then(|subnet| draft.state().get::<Subnet>(&subnet));
        let elsewhere = subnet.is_some_and(|subnet| Some(subnet.value.vlan) != vlan);
        if elsewhere && address.alloc_type != AllocType::Discovered {
            detach(draft, interface, link)?;
        }
    }
    Ok(())
}

fn has_links(draft: &Draft, interface: InterfaceId) -> Result<bool, Rejection> {
    for id in addresses_of(draft.state(), interface) {
        if draft.row::<StaticIpAddress>(&id)?.value.alloc_type != AllocType::Discovered {
            return Ok(true);
        }
    }
    Ok(false)
}
