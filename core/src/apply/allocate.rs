//! Taking the next free addresses: looked for and taken within one entry, so that no two requests get the same.

use crate::apply::draft::Draft;
use crate::apply::static_ip_address::create_within;
use crate::command::allocate_address::{ALLOCATE_COUNT_MAX, AddressSource, AllocateAddress};
use crate::id::{IpRangeId, StaticIpAddressId, SubnetId};
use crate::model::interface::Interface;
use crate::model::ip_range::{IpRange, IpRangeType};
use crate::model::reserved_ip::ReservedIp;
use crate::model::static_ip_address::{AllocType, StaticIpAddress};
use crate::model::subnet::Subnet;
use crate::outcome::{AllocatedAddress, Outcome};
use crate::query::free_address::FreeAddresses;
use crate::query::network::{range_around, ranges};
use crate::rejection::Rejection;
use crate::state::State;
use crate::state::tables::Stored;
use std::net::IpAddr;

/// Where addresses come from, as found.
#[derive(Clone, Copy)]
struct Source {
    subnet: SubnetId,
    range: Option<IpRangeId>,
}

pub(in crate::apply) fn run(
    draft: &mut Draft,
    wish: &AllocateAddress,
) -> Result<Outcome, Rejection> {
    let taken = take(draft, wish)?;
    let allocated = taken
        .into_iter()
        .map(|(id, address)| AllocatedAddress { address, object: StaticIpAddress::object(&id) });
    Ok(Outcome::Allocated(allocated.collect()))
}

/// Takes the addresses of a wish.
pub(in crate::apply) fn take(
    draft: &mut Draft,
    wish: &AllocateAddress,
) -> Result<Vec<(StaticIpAddressId, IpAddr)>, Rejection> {
    check(wish)?;
    let preferred = wish.preferred.map(|address| draft.resolve_address(address)).transpose()?;
    let wish = &AllocateAddress { preferred, ..wish.clone() };
    let source = source(draft, wish.from)?;
    let interface = draft.existing_if_any::<Interface>("interface", wish.interface)?;
    let mut template = StaticIpAddress::new(wish.alloc_type, Some(source.subnet), None);
    template.user = wish.user;
    template.comment.clone_from(&wish.comment);
    template.interfaces.extend(interface);
    template.temp_expires_on = wish.expires_after.map(|life| draft.now().after(life));

    let chosen = choose(draft, source, wish, &template)?;
    let create = |address| {
        let row = StaticIpAddress { ip: Some(address), ..template.clone() };
        create_within(draft, row, source.range).map(|id| (id, address))
    };
    chosen.into_iter().map(create).collect()
}

fn check(wish: &AllocateAddress) -> Result<(), Rejection> {
    if wish.count == 0 || wish.count > ALLOCATE_COUNT_MAX {
        let reason = format!("{} is not from 1 to {ALLOCATE_COUNT_MAX}", wish.count);
        return Err(Rejection::invalid("count", reason));
    }
    match wish.alloc_type {
        AllocType::Auto | AllocType::Sticky | AllocType::UserReserved => Ok(()),
        AllocType::Dhcp | AllocType::Discovered => {
            Err(Rejection::invalid("alloc_type", "DHCP gives addresses of this type"))
        }
    }
}

fn source(draft: &Draft, from: AddressSource) -> Result<Source, Rejection> {
    match from {
        AddressSource::Subnet(id) => {
            let subnet = draft.resolve::<Subnet>(id)?;
            draft.row::<Subnet>(&subnet).map(|_| Source { subnet, range: None })
        }
        AddressSource::Range(id) => {
            let id = draft.resolve::<IpRange>(id)?;
            let range = &draft.row::<IpRange>(&id)?.value;
            if range.range_type == IpRangeType::Dynamic {
                return Err(Rejection::invalid(
                    "from",
                    "DHCP gives the addresses of a dynamic range",
                ));
            }
            Ok(Source { subnet: range.subnet, range: Some(id) })
        }
    }
}

/// The addresses to take: one kept for the interface, the preferred one, then the lowest free ones.
fn choose(
    draft: &Draft,
    source: Source,
    wish: &AllocateAddress,
    template: &StaticIpAddress,
) -> Result<Vec<IpAddr>, Rejection> {
    let state = draft.state();
    let count = usize::from(wish.count);
    let free = search(state, source);
    let preferred = wish.preferred.filter(|address| free.contains(*address));
    let first = kept_for(draft, source, template).or(preferred);
    let mut chosen: Vec<IpAddr> = first.into_iter().collect();
    let missing = count - chosen.len();
    chosen.extend(free.filter(|address| Some(*address) != first).take(missing));
    if chosen.len() == count {
        return Ok(chosen);
    }
    // Too few were found, so these are all there are.
    Err(exhausted(state, source, count, chosen.len()))
}

fn search(state: &State, source: Source) -> FreeAddresses<'_> {
    match source.range {
        None => FreeAddresses::of_subnet(state, source.subnet),
        Some(range) => FreeAddresses::of_range(state, range),
    }
}

/// The address reserved for the MAC address of the interface, unless it has it already.
fn kept_for(draft: &Draft, source: Source, template: &StaticIpAddress) -> Option<IpAddr> {
    let interface = template.interfaces.first()?;
    let mac = draft.state().get::<Interface>(interface)?.value.mac_address?;
    let indexes = draft.state().indexes();
    let reserved = indexes.reserved_ips_by_mac.first_under(&(mac, source.subnet))?;
    let ip = draft.state().get::<ReservedIp>(reserved)?.value.ip;
    let within = |range: IpRangeId| {
        draft.state().get::<IpRange>(&range).is_some_and(|row| row.value.contains(ip))
    };
    let wanted = source.range.is_none_or(within);
    let given = indexes.addresses_by_ip.under(&ip).any(|id| {
        let row = draft.state().get::<StaticIpAddress>(id);
        row.is_some_and(|row| row.value.alloc_type != AllocType::Discovered)
    });
    let closed = template.alloc_type == AllocType::UserReserved
        && source.range.is_none()
        && range_around(draft.state(), source.subnet, IpRangeType::Reserved, ip).is_some();
    (wanted && !given && !closed).then_some(ip)
}

/// Says of what addresses too few are free: of a range, of a subnet, or of the reserved ranges of an unmanaged one.
fn exhausted(state: &State, source: Source, wanted: usize, available: usize) -> Rejection {
    let range = source.range.and_then(|id| Some((id, &state.get::<IpRange>(&id)?.value)));
    let subnet = state.get::<Subnet>(&source.subnet).map(|row| &row.value);
    let (object, addresses, total) = match (range, subnet) {
        (Some((id, range)), _) => {
            let addresses = format!("{}-{}", range.start_ip, range.end_ip);
            (IpRange::object(&id), addresses, range.address_count())
        }
        (None, Some(subnet)) if subnet.managed => {
            (Subnet::object(&source.subnet), subnet.cidr.to_string(), subnet.cidr.host_count())
        }
        (None, _) => {
            let cidr = subnet.map(|subnet| subnet.cidr.to_string()).unwrap_or_default();
            let reserved = ranges(state, source.subnet, IpRangeType::Reserved);
            let total = reserved.map(|row| row.value.address_count()).sum();
            (Subnet::object(&source.subnet), format!("the reserved ranges of {cidr}"), total)
        }
    };
    let (wanted, available) = (wanted as u64, available as u64);
    Rejection::SubnetExhausted { from: object, addresses, wanted, available, total }
}
