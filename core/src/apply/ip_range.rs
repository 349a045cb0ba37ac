//! IP ranges: inside their subnet, apart from each other, and dynamic ones apart from every address already given.
//!
//! Imported subnets may lie within each other. Dynamic ranges are apart there, too: no address is handed out by two.

use crate::apply::draft::Draft;
use crate::apply::fixed_address::check_nothing_fixed;
use crate::apply::noun::Noun;
use crate::apply::text::check_text;
use crate::id::{IpRangeId, SubnetId};
use crate::model::dhcp_snippet::DhcpSnippet;
use crate::model::ip_range::{IpRange, IpRangeType};
use crate::model::subnet::Subnet;
use crate::model::user::User;
use crate::net::address_range::AddressRange;
use crate::net::ip_number::{IpFamily, IpNumber};
use crate::object::ObjectRef;
use crate::query::network::range_around;
use crate::rejection::Rejection;
use crate::state::tables::Stored;
use std::net::IpAddr;

/// Addresses an IPv6 dynamic range has at least, as in MAAS.
const IPV6_DYNAMIC_ADDRESSES_MIN: u128 = 256;
/// Low addresses of an IPv6 /64 that no range may take, as in MAAS: they are left to people.
const IPV6_LEFT_TO_PEOPLE: u128 = 1 << 32;

impl Noun for IpRange {
    fn addresses(&mut self) -> Vec<&mut IpAddr> {
        vec![&mut self.start_ip, &mut self.end_ip]
    }

    fn checked(draft: &Draft, id: Option<IpRangeId>, mut range: Self) -> Result<Self, Rejection> {
        range.subnet = draft.existing::<Subnet>("subnet", range.subnet)?;
        range.user = draft.existing_if_any::<User>("user", range.user)?;
        check_text("comment", &range.comment)?;
        let subnet = &draft.row::<Subnet>(&range.subnet)?.value;
        let span = AddressRange::new(range.start_ip, range.end_ip)
            .map_err(|error| Rejection::invalid("end_ip", error))?;
        check_inside(subnet, span)?;
        check_size(range.range_type, span)?;
        check_ranges(draft, id, &range, subnet.managed)?;
        if range.range_type == IpRangeType::Dynamic {
            for added in added_by(draft, id, &range, span) {
                check_nothing_fixed(draft, added)?;
            }
        }
        Ok(range)
    }

    fn before_delete(draft: &mut Draft, id: IpRangeId) -> Result<(), Rejection> {
        for snippet in draft.referring::<DhcpSnippet>(&Self::object(&id))? {
            draft.delete::<DhcpSnippet>(&snippet)?;
        }
        Ok(())
    }
}

fn check_inside(subnet: &Subnet, span: AddressRange) -> Result<(), Rejection> {
    let cidr = subnet.cidr;
    for (field, bound) in [("start_ip", span.start()), ("end_ip", span.end())] {
        if !cidr.contains(bound) {
            return Err(Rejection::invalid(field, format!("{bound} is not within {cidr}")));
        }
    }
    if span.start() == cidr.network() {
        return Err(Rejection::invalid("start_ip", "the network address cannot be in a range"));
    }
    if Some(span.end()) == cidr.broadcast() {
        return Err(Rejection::invalid("end_ip", "the broadcast address cannot be in a range"));
    }
    let low = IpNumber::of(span.start()).value() - IpNumber::of(cidr.network()).value();
    if cidr.family() == IpFamily::V6 && cidr.prefix() == 64 && low < IPV6_LEFT_TO_PEOPLE {
        let reason = "the first 2^32 addresses of a /64 are kept out of ranges";
        return Err(Rejection::invalid("start_ip", reason));
    }
    Ok(())
}

fn check_size(range_type: IpRangeType, span: AddressRange) -> Result<(), Rejection> {
    let small = span.address_count() < IPV6_DYNAMIC_ADDRESSES_MIN;
    if range_type == IpRangeType::Dynamic && span.family() == IpFamily::V6 && small {
        let reason =
            format!("an IPv6 dynamic range has {IPV6_DYNAMIC_ADDRESSES_MIN} addresses or more");
        return Err(Rejection::invalid("end_ip", reason));
    }
    Ok(())
}

/// Managed subnets: no two ranges meet. Unmanaged ones: dynamic ranges lie within a reserved one.
fn check_ranges(
    draft: &Draft,
    id: Option<IpRangeId>,
    range: &IpRange,
    managed: bool,
) -> Result<(), Rejection> {
    let kinds: &[IpRangeType] = match (managed, range.range_type) {
        (true, _) => &[IpRangeType::Dynamic, IpRangeType::Reserved],
        (false, IpRangeType::Dynamic) => &[IpRangeType::Dynamic],
        (false, IpRangeType::Reserved) => &[IpRangeType::Reserved],
    };
    for kind in kinds {
        if let Some(other) = overlapped(draft, id, range, *kind) {
            return Err(conflict(range.start_ip, range.end_ip, IpRange::object(&other)));
        }
    }
    let within =
        |address| range_around(draft.state(), range.subnet, IpRangeType::Reserved, address);
    if !managed
        && range.range_type == IpRangeType::Dynamic
        && within(range.start_ip).is_none_or(|row| !row.value.contains(range.end_ip))
    {
        let reason = "in an unmanaged subnet, dynamic ranges lie within a reserved one";
        return Err(Rejection::invalid("start_ip", reason));
    }
    Ok(())
}

/// Another range of a type, of the same subnet or else dynamic as this one, that shares an address with it. Such ranges
/// do not overlap each other, so the last one that starts before this one's end decides, or the one before it if that is
/// this one's old self.
fn overlapped(
    draft: &Draft,
    id: Option<IpRangeId>,
    range: &IpRange,
    range_type: IpRangeType,
) -> Option<IpRangeId> {
    let everywhere = [range.range_type, range_type] == [IpRangeType::Dynamic; 2];
    let mut last = range.end_ip;
    for _ in 0..2 {
        let (start, other) = match everywhere {
            true => draft.state().indexes().dynamic_ranges_by_start.last_up_to(&last).copied()?,
            false => last_of_subnet(draft, range.subnet, range_type, last)?,
        };
        if Some(other) != id {
            let end = draft.state().get::<IpRange>(&other)?.value.end_ip;
            return (range.start_ip <= end).then_some(other);
        }
        last = IpNumber::of(start).checked_sub(1)?.address();
    }
    None
}

/// The last range of a type of a subnet that starts at an address or before it.
fn last_of_subnet(
    draft: &Draft,
    subnet: SubnetId,
    range_type: IpRangeType,
    address: IpAddr,
) -> Option<(IpAddr, IpRangeId)> {
    let starts = &draft.state().indexes().ranges_by_start;
    let ((of, kind, start), id) = starts.last_up_to(&(subnet, range_type, address))?;
    (*of == subnet && *kind == range_type).then_some((*start, *id))
}

/// The parts of a dynamic range that were not dynamic before.
fn added_by(
    draft: &Draft,
    id: Option<IpRangeId>,
    range: &IpRange,
    span: AddressRange,
) -> Vec<(IpAddr, IpAddr)> {
    let before = id.and_then(|id| draft.state().get::<IpRange>(&id)).map(|row| &row.value);
    let same = before.filter(|before| {
        before.range_type == IpRangeType::Dynamic && before.subnet == range.subnet
    });
    let Some(before) = same else { return vec![(span.start(), span.end())] };
    let below = IpNumber::of(before.start_ip).checked_sub(1).map(IpNumber::address);
    let above = IpNumber::of(before.end_ip).checked_add(1).map(IpNumber::address);
    let left = below.map(|below| (span.start(), span.end().min(below)));
    let right = above.map(|above| (span.start().max(above), span.end()));
    left.into_iter().chain(right).filter(|(start, end)| start <= end).collect()
}

fn conflict(start: IpAddr, end: IpAddr, holder: ObjectRef) -> Rejection {
    let value = format!("{start}-{end}");
    Rejection::NotUnique { field: "start_ip".into(), value, holder }
}
